-- One row per lease of business premises, renewed while the firm lives.
SELECT firm AS _firm, known(on_day) AS _known_on, 'ZL' || division_code || digits8(firm, 127) || lpad(k::VARCHAR, 2, '0') AS filing_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name, CASE WHEN moved_on <= on_day THEN new_address ELSE address END AS address,
       (10 * (2 + floor(rent / 6000000.0)))::DOUBLE AS area_m2,
       CASE section WHEN 'C' THEN '厂房' WHEN 'G' THEN '仓储' WHEN 'F' THEN '商业' WHEN 'H' THEN '商业' WHEN 'O' THEN '商业' ELSE '办公' END AS use_kind,
       yuan(rent * (100 + 3 * k) // 100) AS rent_yuan, on_day AS begins_on, (on_day + to_years(years::INTEGER) - INTERVAL 1 DAY)::DATE AS ends_on
FROM (
    SELECT w.*, k, years, (born + pick(60, firm, 0, 'housing_construction__lease_filing.day')::INTEGER + to_years((years * k)::INTEGER))::DATE AS on_day, rent
    FROM (SELECT *, 1 + pick(4, firm, 0, 'housing_construction__lease_filing.years') AS years, round(base_sales * 12 * (0.015 + 0.05 * u(firm, 0, 'housing_construction__lease_filing.rent')))::BIGINT AS rent FROM who) w CROSS JOIN range(0, 20) r(k)
    WHERE u(firm, 0, 'housing_construction__lease_filing') < CASE section WHEN 'H' THEN 0.6 WHEN 'F' THEN 0.5 WHEN 'O' THEN 0.5 ELSE 0.3 END
)
WHERE on_day BETWEEN DATE '2018-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

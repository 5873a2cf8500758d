-- One row per building that a firm owns, again when it has been sold.
SELECT firm AS _firm, unnest(versions(issued_on, sold)) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       division_code || left(digits8(firm, 7448956), 3) || '001GB' || right(digits8(firm, 7448956), 5) || 'F000' || (10000 + k) AS unit_no,
       '皖（' || year(issued_on) || '）' || city_name || '不动产权第' || digits8(firm, 36147990) || k || '号' AS certificate_no,
       address || (1 + k) || '号楼' AS location,
       CASE section WHEN 'C' THEN one_of(['工业', '工业', '工业', '工业', '工业', '办公', '仓储'], firm, k, 'real_estate_right.house_use') WHEN 'G' THEN '仓储' ELSE one_of(['商业服务', '商业服务', '商业服务', '办公', '办公', '住宅'], firm, k, 'real_estate_right.house_use') END AS house_use,
       round(exp(6.7 + 0.5 * log_size + 0.6 * z(firm, k, 'house.area')), 2)::DOUBLE AS area_sqm, issued_on AS registered_on,
       CASE WHEN told(sold, _known_on) IS NOT NULL THEN '注销' ELSE '现势' END AS state, told(sold, _known_on) AS cancelled_on
FROM (
    SELECT *, CASE WHEN u(firm, k, 'house.sold') < 0.06 - 0.02 * greatest(-2, least(2, mu)) THEN (DATE '2022-02-01' + pick(1650, firm, k, 'house.sold.on')::INTEGER)::DATE END AS sold_drawn,
           CASE WHEN sold_drawn > issued_on + 100 AND (died_on IS NULL OR sold_drawn < died_on) THEN sold_drawn END AS sold
    FROM (
        SELECT w.*, k, (born + 400 + pick(900, w.firm, k, 'house.day')::INTEGER)::DATE AS issued_on
        FROM who w CROSS JOIN range(4) r(k)
        WHERE w.kind = 'enterprise' AND u(w.firm, k, 'house') < 0.55
          AND u(w.firm, 0, 'owns.land') < CASE w.section WHEN 'C' THEN 0.32 WHEN 'G' THEN 0.12 WHEN 'A' THEN 0.10 WHEN 'H' THEN 0.08 ELSE 0.05 END * exp(0.5 * w.log_size)
    )
    WHERE issued_on <= least(last_day_lived(), coalesce(died_on, last_day_lived()))
)

-- One row per filing of a repair shop, again when it closes.
SELECT firm AS _firm, unnest(versions(on_day, closed)) AS _known_on, division_code || '-' || year(on_day) || '-' || digits8(firm, 59) AS filing_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE WHEN kind = 'individual' THEN '三类' WHEN log_size > 0.9 THEN '一类' ELSE '二类' END AS class,
       (greatest(2, floor(4 * exp(0.6 * log_size))::BIGINT))::BIGINT AS technician_count,
       (20 * greatest(2, floor(12 * exp(0.5 * log_size))))::DOUBLE AS workshop_m2, address, on_day AS filed_on, told(closed, _known_on) AS closed_on
FROM (
    SELECT w.*, (born + 10 + pick(300, firm, 0, 'transport__repair_filing.day')::INTEGER)::DATE AS on_day,
           died_on + 25 AS closed
    FROM who w
    WHERE w.industry_code = 'O8111' AND u(w.firm, 0, 'transport__repair_filing') < 0.85
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived()))

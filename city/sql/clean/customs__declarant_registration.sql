-- One row per firm that may declare goods at the customs, again when it is struck off; twice as many register as ever export.
SELECT firm AS _firm, unnest(versions(issued_on, died_on)) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       '34' || digits8(firm, 34159600) AS customs_code, CASE WHEN section = 'L' THEN '报关企业' ELSE '进出口货物收发货人' END AS declarant_kind,
       issued_on AS filed_on, left(city_name, 2) || '海关' AS customs_office, words[1] AS import_export_sector,
       CASE WHEN told(died_on, _known_on) IS NOT NULL THEN '注销' ELSE '正常' END AS state, told(died_on, _known_on) AS cancelled_on
FROM (
    SELECT w.*, 0 AS k, (born + 150 + pick(180, w.firm, 0, 'declarant_registration.day')::INTEGER)::DATE AS issued_on
    FROM who w
    WHERE w.kind = 'enterprise'
      AND w.section IN ('A', 'C', 'F') AND u(w.firm, 0, 'exporter') < CASE w.section WHEN 'C' THEN 0.28 ELSE 0.08 END * exp(0.3 * w.log_size)
      AND u(w.firm, 0, 'declarant_registration') < 1
)
WHERE issued_on BETWEEN DATE '2003-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

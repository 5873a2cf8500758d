-- One row per enterprise and year: the taxpayer's grade, published in April of the next year.
SELECT firm AS _firm, known(make_date(tax_year + 1, 4, 20)) AS _known_on, usci AS taxpayer_id,
       name_on(make_date(tax_year + 1, 4, 20), renamed_on, old_name, name) AS firm_name, tax_year,
       CASE WHEN year(born) >= tax_year THEN 'M' WHEN standing > 0.75 THEN 'A' WHEN standing > -0.75 THEN 'B' WHEN standing > -1.7 THEN 'C' ELSE 'D' END AS grade
FROM (
    SELECT w.*, y AS tax_year, h.strength + 0.45 * z(w.firm, y, 'grade') AS standing
    FROM who w CROSS JOIN range(2020, 2026) t(y)
    JOIN health h ON h.firm = w.firm AND h.t = (y - 2022) * 12 + 10
    WHERE w.kind = 'enterprise' AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 4, 20))
)

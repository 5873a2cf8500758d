-- One row per rated enterprise and year, published in June of the next year.
SELECT firm AS _firm, known(make_date(rating_year + 1, 6, 5)) AS _known_on, usci, name_on(make_date(rating_year + 1, 6, 5), renamed_on, old_name, name) AS firm_name, rating_year,
       CASE WHEN standing > 1.2 THEN '绿' WHEN standing > -0.9 THEN '蓝' WHEN standing > -1.9 THEN '黄' WHEN standing > -2.9 THEN '红' ELSE '黑' END AS rating
FROM (
    SELECT w.*, y AS rating_year, 0.8 * h.strength + 0.8 * z(w.firm, y, 'rating') AS standing
    FROM who w CROSS JOIN range(2020, 2026) t(y)
    JOIN health h ON h.firm = w.firm AND h.t = (y - 2022) * 12 + 11
    WHERE w.kind = 'enterprise' AND (section = 'C' OR industry_code = 'A0313') AND year(w.born) < y AND u(w.firm, 0, 'rated') < 0.7
      AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 6, 5))
)

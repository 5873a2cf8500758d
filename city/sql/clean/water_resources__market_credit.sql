-- One row per builder of waterworks and year graded.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, y::BIGINT AS rating_year,
       CASE section WHEN 'E' THEN '施工' ELSE '设计' END AS trade, points::DOUBLE AS score,
       CASE WHEN points >= 91 THEN 'AAA' WHEN points >= 81 THEN 'AA' WHEN points >= 71 THEN 'A' WHEN points >= 61 THEN 'B' ELSE 'C' END AS grade,
       on_day AS published_on
FROM (
    SELECT w.*, y, h.t, h.h, h.strength, make_date(y + 1, 3, 31) AS on_day,
           greatest(35, least(99, round(77 + 8 * h.strength + 4 * z(w.firm, y, 'water_resources__market_credit.points'), 1))) AS points
    FROM who w CROSS JOIN range(2020, 2022 + (last_month() + 1) // 12) r(y) JOIN health h USING (firm)
    WHERE h.t = (y - 2022) * 12 + 11 AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 3, 31))
      AND w.kind = 'enterprise' AND w.section IN ('E', 'M') AND u(w.firm, 0, 'water_resources__market_credit') < 0.35
)

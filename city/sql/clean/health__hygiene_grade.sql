-- One row per place and year graded.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, y::BIGINT AS grade_year,
       points::DOUBLE AS score, CASE WHEN points >= 90 THEN 'A' WHEN points >= 75 THEN 'B' WHEN points >= 60 THEN 'C' ELSE '不予评级' END AS grade,
       on_day AS graded_on
FROM (
    SELECT w.*, y, h.t, h.h, h.strength, make_date(y + 1, 1, 25) AS on_day,
           greatest(40, least(100, round(82 + 5 * h.strength + 7 * z(w.firm, y, 'health__hygiene_grade'), 1))) AS points
    FROM who w CROSS JOIN range(2020, 2022 + (last_month() + 1) // 12) r(y) JOIN health h USING (firm)
    WHERE h.t = (y - 2022) * 12 + 11 AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 1, 25))
      AND w.industry_code IN ('H6121', 'O8040', 'F5212') AND u(w.firm, 0, 'health__public_place_licence') < 0.85
      AND u(w.firm, y, 'health__hygiene_grade.seen') < 0.8
)

-- One row per employer graded, published in June of the next year.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, y AS grade_year,
       CASE WHEN standing > 1 THEN 'A' WHEN standing > -1.6 THEN 'B' ELSE 'C' END AS grade,
       greatest(1, round(base_sales / 1000000 * people_per_wan * exp(0.38 * strength)))::BIGINT AS staff,
       CASE WHEN standing < -1.6 THEN (1 + pick(6, firm, y, 'labour_credit_grade.complaints')) ELSE 0 END AS complaints, on_day AS published_on,
       county_name || '人力资源和社会保障局' AS authority
FROM (
    SELECT w.*, y, health.h, health.strength, (make_date(y + 1, 6, 1) + pick(25, w.firm, y, 'labour_credit_grade.day')::INTEGER)::DATE AS on_day,
           0.9 * health.strength + 0.7 * z(w.firm, y, 'labour_credit_grade.standing') AS standing
    FROM who w CROSS JOIN range(2020, 2026) r(y)
    JOIN health ON health.firm = w.firm AND health.t = (y - 2022) * 12 + 11
    WHERE w.kind = 'enterprise'
      AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 6, 1))
      AND u(w.firm, 0, 'labour_credit_grade') < 0.35
)
WHERE on_day <= last_day_lived()

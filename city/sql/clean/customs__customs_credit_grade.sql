-- One row per declarant and year.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, y AS grade_year,
       CASE WHEN standing > 2.2 AND log_size > 0.5 THEN '高级认证企业' WHEN standing < -2.6 THEN '失信企业' ELSE '常规管理企业' END AS grade,
       '34' || digits8(firm, 34159600) AS customs_code, on_day AS recognised_on, left(city_name, 2) || '海关' AS customs_office
FROM (
    SELECT w.*, y, health.h, health.strength, (make_date(y + 1, 1, 5) + pick(20, w.firm, y, 'customs_credit_grade.day')::INTEGER)::DATE AS on_day,
           health.strength + 0.5 * z(w.firm, y, 'customs_credit_grade.standing') AS standing
    FROM who w CROSS JOIN range(2020, 2026) r(y)
    JOIN health ON health.firm = w.firm AND health.t = (y - 2022) * 12 + 11
    WHERE w.kind = 'enterprise'
      AND w.section IN ('A', 'C', 'F') AND u(w.firm, 0, 'exporter') < CASE w.section WHEN 'C' THEN 0.28 ELSE 0.08 END * exp(0.3 * w.log_size)
      AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 1, 5))
)
WHERE on_day <= last_day_lived()

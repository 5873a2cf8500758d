-- One row per employer and year declared.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, y::BIGINT AS declaration_year,
       CASE WHEN industry_code IN ('C3021', 'C2032', 'C3985', 'C3311') THEN '严重' ELSE '一般' END AS risk_class,
       one_of(['噪声', '粉尘', '苯系物', '高温', '电焊烟尘'], firm, 0, 'health__occupational_hazard.hazard') AS hazard, staff::BIGINT AS employee_count,
       (staff * (20 + pick(50, firm, 0, 'health__occupational_hazard.exposed')) // 100)::BIGINT AS exposed_count, on_day AS declared_on
FROM (
    SELECT w.*, y, h.t, h.h, h.strength, make_date(y + 1, 2, 20) AS on_day,
           greatest(2, round(base_sales / 1000000 * people_per_wan * exp(0.38 * strength)))::BIGINT AS staff
    FROM who w CROSS JOIN range(2020, 2022 + (last_month() + 1) // 12) r(y) JOIN health h USING (firm)
    WHERE h.t = (y - 2022) * 12 + 11 AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 2, 20))
      AND w.kind = 'enterprise' AND w.section IN ('C', 'E', 'O') AND u(w.firm, 0, 'health__occupational_hazard') < 0.6
      AND u(w.firm, y, 'health__occupational_hazard.declared') < 0.85
)

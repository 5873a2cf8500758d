-- One row per employer and round of examinations.
SELECT firm AS _firm, known(on_day) AS _known_on, 'ZYJK' || y || digits8(firm, 293) AS report_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['在岗期间', '在岗期间', '在岗期间', '上岗前'], firm, y, 'health__occupational_exam.kind') AS exam_kind, examined::BIGINT AS examined_count,
       (examined * pick(18, firm, y, 'health__occupational_exam.again') // 100)::BIGINT AS reexamined_count,
       (CASE WHEN u(firm, y, 'health__occupational_exam.suspected') < 0.03 THEN 1 ELSE 0 END)::BIGINT AS suspected_count, on_day AS examined_on
FROM (
    SELECT w.*, y, h.t, h.h, h.strength, make_date(y + 1, 7, 31) AS on_day,
           greatest(1, round(base_sales / 1000000 * people_per_wan * 0.4))::BIGINT AS examined
    FROM who w CROSS JOIN range(2020, 2022 + (last_month() + 1) // 12) r(y) JOIN health h USING (firm)
    WHERE h.t = (y - 2022) * 12 + 11 AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 7, 31))
      AND w.kind = 'enterprise' AND w.section IN ('C', 'E') AND u(w.firm, 0, 'health__occupational_hazard') < 0.6
      AND u(w.firm, y, 'health__occupational_exam') < logistic(0.8 + 0.6 * h.h)
)

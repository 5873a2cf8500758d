-- One row per firm, school and year of co-operation.
SELECT firm AS _firm, known(on_day) AS _known_on, 'XQHZ' || y || digits8(firm, 373) AS agreement_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['淠河职业技术学院', '淠河卫生职业学院', '示例技师学院', '淠河学院', '示例县职业技术学校'], firm, 0, 'education__internship_base.school') AS school, y::BIGINT AS school_year,
       CASE section
           WHEN 'C' THEN '机电一体化技术'
           WHEN 'I' THEN '软件技术'
           WHEN 'H' THEN '酒店管理'
           WHEN 'O' THEN '汽车检测与维修'
           ELSE '电子商务' END AS major,
       trainees::BIGINT AS trainee_count, (trainees * pick(45, firm, y, 'education__internship_base.retained') // 100)::BIGINT AS retained_count,
       yuan(150000 + 10000 * pick(20, firm, y, 'education__internship_base.allowance')) AS allowance_yuan,
       on_day - 200 - pick(100, firm, y, 'education__internship_base.signed')::INTEGER AS signed_on
FROM (
    SELECT w.*, y, h.t, h.h, h.strength, make_date(y + 1, 1, 18) AS on_day,
           2 + pick(40, firm, y, 'education__internship_base.trainees') AS trainees
    FROM who w CROSS JOIN range(2020, 2022 + (last_month() + 1) // 12) r(y) JOIN health h USING (firm)
    WHERE h.t = (y - 2022) * 12 + 11 AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 1, 18))
      AND w.kind = 'enterprise' AND w.section IN ('C', 'I', 'H', 'F', 'O')
      AND u(w.firm, 0, 'education__internship_base') < 0.06 * exp(0.3 * w.mu + 0.3 * w.log_size)
      AND u(w.firm, y, 'education__internship_base.again') < 0.85
)

-- One row per permit to use land for a project.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       '地字第' || division_code || strftime(on_day, '%Y%m') || digits8(firm, 73112027) || '号' AS permit_no,
       '年产' || (1 + pick(50, firm, t, 'land_use_permit.size')) || '万件' || words[1] || '项目' AS project_name,
       round(exp(9.4 + 0.5 * log_size + 0.5 * z(firm, t, 'land_use_permit.area')), 2)::DOUBLE AS area_sqm,
       CASE section WHEN 'C' THEN one_of(['一类工业用地', '一类工业用地', '一类工业用地', '二类工业用地'], firm, t, 'land_use_permit.land_use') WHEN 'G' THEN '物流仓储用地' ELSE '商业服务业用地' END AS land_use,
       left(city_name, 1) || '政地〔' || strftime(on_day, '%Y') || '〕' || (1 + pick(300, firm, t, 'land_use_permit.approval')) || '号' AS approval_no,
       on_day AS issued_on, city_name || '自然资源和规划局' AS authority
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'land_use_permit.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'G', 'F', 'E') AND w.log_size > -0.3 AND m.h > -1
      AND u(m.firm, m.t, 'land_use_permit') < least(0.4, 0.0011 * exp(0.3 * m.h))
)

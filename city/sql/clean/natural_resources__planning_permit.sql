-- One row per permit for a building.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       '建字第' || division_code || strftime(on_day, '%Y%m') || digits8(firm, 37597598) || '号' AS permit_no,
       trade || one_of(['1号厂房', '2号厂房', '综合楼', '研发中心', '仓库'], firm, t, 'planning_permit.project_name') AS project_name,
       area::DOUBLE AS floor_area_sqm, round(area * (0.85 + 0.15 * u(firm, t, 'planning_permit.above')), 2)::DOUBLE AS above_ground_sqm,
       (1 + pick(8, firm, t, 'planning_permit.storeys')) AS storeys, address AS location, on_day AS issued_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'planning_permit.day')::INTEGER)::DATE AS on_day,
           round(exp(8.6 + 0.5 * w.log_size + 0.6 * z(m.firm, m.t, 'planning_permit.area')), 2) AS area
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'G', 'F', 'E', 'A') AND w.log_size > -0.6 AND m.h > -1
      AND u(m.firm, m.t, 'planning_permit') < least(0.4, 0.0018 * exp(0.3 * m.h))
)

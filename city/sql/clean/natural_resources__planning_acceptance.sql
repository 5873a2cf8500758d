-- One row per building checked after completion.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       left(city_name, 1) || '规核〔' || strftime(on_day, '%Y') || '〕' || digits8(firm, 22567148) || lpad(t::VARCHAR, 2, '0') || '号' AS certificate_no,
       trade || one_of(['1号厂房', '2号厂房', '综合楼', '研发中心', '仓库'], firm, t, 'planning_acceptance.project_name') AS project_name,
       round(permitted * (1 + 0.02 * z(firm, t, 'planning_acceptance.measured')), 2)::DOUBLE AS measured_sqm, permitted::DOUBLE AS permitted_sqm,
       one_of(['合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '整改后合格', '整改后合格', '整改后合格', '不合格'], firm, t, 'planning_acceptance.result') AS result,
       on_day AS checked_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'planning_acceptance.day')::INTEGER)::DATE AS on_day,
           round(exp(8.6 + 0.5 * w.log_size + 0.6 * z(m.firm, m.t, 'planning_acceptance.area')), 2) AS permitted
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'G', 'F', 'E', 'A') AND w.log_size > -0.6
      AND u(m.firm, m.t, 'planning_acceptance') < least(0.4, 0.0012 * exp(0.2 * m.h))
)

-- One row per penalty for using land or building against the law.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       left(county_name, 2) || '自规罚〔' || strftime(on_day, '%Y') || '〕' || digits8(firm, 24538316) || lpad(t::VARCHAR, 2, '0') || '号' AS decision_no,
       one_of(['非法占地', '非法占地', '非法占地', '非法占地', '非法占地', '非法占地', '违法建设', '违法建设', '违法建设', '违法建设', '违法建设', '越界开采', '无证采矿', '测绘违法'], firm, t, 'land_violation.kind') AS kind,
       round(exp(6.2 + 0.9 * z(firm, t, 'land_violation.area')), 2)::DOUBLE AS area_sqm,
       yuan(round(180 * exp(0.9 * z(firm, t, 'land_violation.fine_yuan')))::BIGINT * 10000) AS fine_yuan,
       one_of(['限期拆除并处罚款', '没收建筑物并处罚款', '责令退还土地并处罚款'], firm, t, 'land_violation.measure') AS measure, on_day AS decided_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'land_violation.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section IN ('A', 'C', 'E', 'G', 'H')
      AND u(m.firm, m.t, 'land_violation') < least(0.4, 0.0012 * exp(-0.4 * m.h))
)

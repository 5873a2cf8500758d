-- One row per penalty for a breach of health law.
SELECT firm AS _firm, known(on_day) AS _known_on,
       left(city_name, 1) || '卫' || CASE section
           WHEN 'C' THEN '职'
           ELSE '公' END || '罚〔' || year(on_day) || '〕' || digits8(firm * 60 + t, 307) || '号' AS case_no,
       usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, CASE section WHEN 'C' THEN '职业卫生' ELSE '公共场所卫生' END AS field_of_law,
       CASE section
           WHEN 'C' THEN one_of(['未按规定组织职业健康检查', '未公布职业病危害检测结果', '工作场所粉尘浓度超标'], firm, t, 'health__health_penalty.what')
           ELSE one_of(['未取得卫生许可证擅自营业', '安排未获得健康合格证明的人员从事服务', '顾客用品用具未按规定消毒'], firm, t, 'health__health_penalty.what') END AS violation,
       CASE WHEN u(firm, t, 'health__health_penalty.hard') < 0.25 THEN '警告'
           WHEN u(firm, t, 'health__health_penalty.hard') < 0.97 THEN '警告并罚款'
           ELSE '停业整顿' END AS kind,
       yuan(CASE WHEN u(firm, t, 'health__health_penalty.hard') < 0.25 THEN 0
           ELSE 50000 * (1 + pick(60, firm, t, 'health__health_penalty.fine')) END) AS fine_yuan,
       on_day AS penalised_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'health__health_penalty.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE (w.section = 'H' OR w.industry_code IN ('O8040', 'F5212', 'F5251') OR (w.section = 'C' AND w.kind = 'enterprise'))
      AND u(m.firm, m.t, 'health__health_penalty') < CASE w.section WHEN 'C' THEN 0.0007 ELSE 0.002 END * exp(-0.5 * m.h)
)

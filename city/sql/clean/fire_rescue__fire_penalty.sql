-- One row per penalty under fire law.
SELECT firm AS _firm, known(on_day) AS _known_on,
       left(city_name, 1) || '消行罚决字〔' || year(on_day) || '〕第' || digits8(firm * 60 + t, 593) || '号' AS case_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['消防设施未保持完好有效', '占用疏散通道', '未经消防安全检查擅自营业', '人员密集场所门窗设置障碍物', '占用防火间距', '未进行消防安全培训'], firm, t, 'fire_rescue__fire_penalty.what') AS violation,
       CASE WHEN u(firm, t, 'fire_rescue__fire_penalty.hard') < 0.12 THEN '警告'
           WHEN u(firm, t, 'fire_rescue__fire_penalty.hard') < 0.95 THEN '罚款'
           ELSE '责令停产停业' END AS kind,
       yuan(CASE WHEN u(firm, t, 'fire_rescue__fire_penalty.hard') < 0.12 THEN 0
           ELSE 500000 * (1 + pick(20, firm, t, 'fire_rescue__fire_penalty.fine')) END) AS fine_yuan,
       on_day AS penalised_on, on_day + pick(15, firm, t, 'fire_rescue__fire_penalty.paid')::INTEGER AS paid_on, division_code
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'fire_rescue__fire_penalty.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section IN ('H', 'F', 'C', 'O', 'L')
      AND u(m.firm, m.t, 'fire_rescue__fire_penalty') < CASE w.kind WHEN 'enterprise' THEN 0.0016 ELSE 0.0007 END * exp(-0.5 * m.h)
)

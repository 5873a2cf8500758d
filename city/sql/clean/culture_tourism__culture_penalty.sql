-- One row per penalty in the market of culture and tourism.
SELECT firm AS _firm, known(on_day) AS _known_on,
       left(city_name, 1) || '文旅罚字〔' || year(on_day) || '〕' || digits8(firm * 60 + t, 349) || '号' AS case_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE industry_code
           WHEN 'L7291' THEN one_of(['以不合理低价组织旅游活动', '未向旅游者提供旅游行程单', '未按规定交存质量保证金'], firm, t, 'culture_tourism__culture_penalty.what')
           WHEN 'C2319' THEN one_of(['未建立印刷品承印验证制度', '擅自印刷出版物'], firm, t, 'culture_tourism__culture_penalty.what')
           ELSE one_of(['未按规定公示信息', '擅自从事营业性演出'], firm, t, 'culture_tourism__culture_penalty.what') END AS violation,
       CASE WHEN u(firm, t, 'culture_tourism__culture_penalty.hard') < 0.2 THEN '警告'
           WHEN u(firm, t, 'culture_tourism__culture_penalty.hard') < 0.9 THEN '罚款'
           WHEN u(firm, t, 'culture_tourism__culture_penalty.hard') < 0.97 THEN '没收违法所得'
           ELSE '责令停业整顿' END AS kind,
       yuan(CASE WHEN u(firm, t, 'culture_tourism__culture_penalty.hard') < 0.2 THEN 0
           ELSE 200000 * (1 + pick(40, firm, t, 'culture_tourism__culture_penalty.fine')) END) AS fine_yuan,
       on_day AS penalised_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'culture_tourism__culture_penalty.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE (w.industry_code IN ('L7291', 'L7259', 'C2319') OR (w.industry_code = 'H6121' AND w.kind = 'enterprise'))
      AND u(m.firm, m.t, 'culture_tourism__culture_penalty') < 0.0022 * exp(-0.5 * m.h)
)

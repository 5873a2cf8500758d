-- One row per penalty for a breach of transport law.
SELECT firm AS _firm, known(on_day) AS _known_on,
       '皖' || left(city_name, 1) || '交罚〔' || year(on_day) || '〕' || digits8(firm * 60 + t, 41) || '号' AS case_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['未按规定维护和检测运输车辆', '未取得道路运输证从事货运经营', '车辆超限行驶公路', '使用无从业资格的驾驶人员', '未落实动态监控管理制度', '货物脱落扬撒'], firm, t, 'transport__transport_penalty.fact') AS violation,
       CASE WHEN u(firm, t, 'transport__transport_penalty.hard') < 0.02 THEN '责令停业整顿'
           WHEN u(firm, t, 'transport__transport_penalty.hard') < 0.1 THEN '警告'
           ELSE '罚款' END AS kind,
       yuan(CASE WHEN u(firm, t, 'transport__transport_penalty.hard') < 0.1 THEN 0
           ELSE 20000 * (1 + pick(100, firm, t, 'transport__transport_penalty.fine')) END) AS fine_yuan,
       city_name || '交通运输综合行政执法支队' AS officer_unit, on_day AS penalised_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'transport__transport_penalty.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE u(m.firm, m.t, 'transport__transport_penalty') < CASE WHEN w.section = 'G' THEN 0.012 WHEN w.industry_code IN ('C3021', 'F5165', 'E4813') THEN 0.0015 ELSE 0 END * exp(-0.5 * m.h)
)

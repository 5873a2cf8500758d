-- One row per complaint about a firm, again when it is closed in a later quarter.
SELECT firm AS _firm, unnest(versions(on_day, closed)) AS _known_on,
       'GD' || strftime(on_day, '%y%m') || digits8(firm, 557) || lpad(k::VARCHAR, 2, '0') AS order_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE WHEN h < -1 AND u(firm, t * 4 + k, 'hotline__complaint_order.wages') < 0.45 THEN '拖欠工资'
           WHEN section IN ('H', 'O') THEN one_of(['预付费卡', '环境噪声', '消费维权', '消费维权'], firm, t * 4 + k, 'hotline__complaint_order.kind')
           WHEN section = 'F' THEN one_of(['消费维权', '消费维权', '预付费卡', '其他'], firm, t * 4 + k, 'hotline__complaint_order.kind')
           ELSE one_of(['合同纠纷', '环境噪声', '安全隐患', '拖欠工资', '其他'], firm, t * 4 + k, 'hotline__complaint_order.kind') END AS category,
       division_code, county_name || CASE section WHEN 'E' THEN '人力资源和社会保障局' ELSE '市场监督管理局' END AS handler, on_day AS accepted_on,
       told(closed, _known_on) AS closed_on,
       CASE WHEN told(closed, _known_on) IS NOT NULL THEN CASE WHEN u(firm, t * 4 + k, 'hotline__complaint_order.satisfied') < logistic(1 + 0.5 * h) THEN '满意' WHEN u(firm, t * 4 + k, 'hotline__complaint_order.satisfied') < 0.93 THEN '基本满意' ELSE '不满意' END END AS satisfied
FROM (
    SELECT w.*, m.t, m.h, k, (m.month + pick(27, m.firm, m.t * 4 + k, 'hotline__complaint_order.day')::INTEGER)::DATE AS on_day,
           (m.month + 30 + CASE WHEN u(m.firm, m.t * 4 + k, 'hotline__complaint_order.slow') < 0.10 * exp(-0.4 * m.h) THEN 60 + pick(120, m.firm, m.t * 4 + k, 'hotline__complaint_order.days') ELSE pick(10, m.firm, m.t * 4 + k, 'hotline__complaint_order.days') END::INTEGER)::DATE AS closed
    FROM firm_month m JOIN who w USING (firm) CROSS JOIN range(0, 4) r(k)
    WHERE u(m.firm, m.t * 4 + k, 'hotline__complaint_order') < least(0.4, CASE WHEN w.section IN ('H', 'F', 'O') THEN 0.012 ELSE 0.006 END * exp(-0.55 * m.h + 0.15 * w.log_size))
)

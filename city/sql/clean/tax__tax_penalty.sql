-- One row per penalty decided by a tax authority.
SELECT firm AS _firm, known(on_day) AS _known_on, usci AS taxpayer_id, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       left(county_name, 2) || '税罚〔' || strftime(on_day, '%Y') || '〕' || digits8(firm, 10585974) || lpad(t::VARCHAR, 2, '0') || '号' AS document_no,
       on_day AS penalised_on,
       one_of(['未按照规定期限办理纳税申报和报送纳税资料', '未按照规定期限办理纳税申报和报送纳税资料', '未按照规定期限办理纳税申报和报送纳税资料', '未按照规定期限办理纳税申报和报送纳税资料', '未按照规定期限办理纳税申报和报送纳税资料', '未按照规定保管发票', '未按照规定保管发票', '虚开发票', '不进行纳税申报少缴应纳税款', '未按照规定设置账簿'], firm, t, 'tax_penalty.violation') AS violation,
       CASE one_of([1, 1, 1, 1, 1, 2, 2, 3, 4, 5], firm, t, 'tax_penalty.violation') WHEN 1 THEN '《税收征收管理法》第六十二条' WHEN 2 THEN '《发票管理办法》第三十三条' WHEN 3 THEN '《发票管理办法》第三十五条' WHEN 4 THEN '《税收征收管理法》第六十四条' ELSE '《税收征收管理法》第六十条' END AS legal_ground,
       yuan(round(12 * exp(1.4 * z(firm, t, 'tax_penalty.fine_yuan')))::BIGINT * 5000) AS fine_yuan,
       one_of(['简易程序', '简易程序', '简易程序', '简易程序', '一般程序'], firm, t, 'tax_penalty.procedure') AS procedure, county_name || '税务局' AS authority
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'tax_penalty.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE u(m.firm, m.t, 'tax_penalty') < least(0.4, 0.004 * exp(-0.9 * m.h))
)

-- One row per award to a firm of the city; sound firms win more.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       'FSSD' || strftime(on_day, '%Y%m') || digits8(firm, 14772939) AS project_no,
       county_name || CASE section WHEN 'E' THEN one_of(['农村公路养护', '学校维修', '雨污管网改造'], firm, t, 'procurement_award.project_name') WHEN 'C' THEN one_of(['学校课桌椅', '办公家具', '防汛物资', '农机具'], firm, t, 'procurement_award.project_name') WHEN 'I' THEN one_of(['智慧校园平台', '政务云服务', '视频监控'], firm, t, 'procurement_award.project_name') WHEN 'F' THEN one_of(['办公设备', '食堂食材', '办公用品'], firm, t, 'procurement_award.project_name') ELSE one_of(['物业服务', '绿化养护', '印刷服务', '法律服务'], firm, t, 'procurement_award.project_name') END || '采购项目' AS project_name,
       county_name || one_of(['教育局', '卫生健康委员会', '住房和城乡建设局', '水利局', '公安分局', '民政局'], firm, t, 'procurement_award.buyer') AS buyer,
       one_of(['公开招标', '公开招标', '公开招标', '公开招标', '公开招标', '竞争性磋商', '竞争性磋商', '竞争性磋商', '竞争性磋商', '竞争性磋商', '竞争性磋商', '竞争性谈判', '竞争性谈判', '询价', '询价', '单一来源'], firm, t, 'procurement_award.method') AS method,
       yuan(amount * (104 + pick(16, firm, t, 'procurement_award.over')) // 100) AS budget_yuan, yuan(amount) AS award_yuan, on_day AS announced_on,
       one_of(['是', '是', '是', '否', '否'], firm, t, 'procurement_award.sme_set_aside') AS sme_set_aside
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'procurement_award.day')::INTEGER)::DATE AS on_day,
           greatest(300000, round(m.sales_fen * (0.3 + 2.2 * u(m.firm, m.t, 'procurement.amount'))))::BIGINT // 10000 * 10000 AS amount
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'E', 'F', 'I', 'L', 'M', 'N') AND m.sales_fen > 0 AND m.h > -2
      AND u(m.firm, m.t, 'procurement_award') < least(0.4, 0.012 * exp(0.35 * m.h))
)

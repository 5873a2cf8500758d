-- One row per lot put out to tender: those that firms of the city won, and as many again that others did.
SELECT NULL::BIGINT AS _firm, known(on_day) AS _known_on,
       'LAZB-' || year(on_day) || '-' || digits8(firm * 60 + t, 149) || lpad(lot::VARCHAR, 2, '0') AS lot_no,
       name || one_of(['产业园标准厂房', '道路改造', '污水管网', '学校食堂', '智慧城管平台', '公园绿化', '河道整治', '老旧小区改造'], firm, t * 2 + lot, 'public_resources__tender_project.what') || CASE section
           WHEN 'M' THEN '设计'
           WHEN 'I' THEN '采购'
           ELSE '施工' END AS project_name,
       name || one_of(['城市建设投资有限公司', '重点工程建设管理处', '教育局', '水利局', '数据资源管理局'], firm, t * 2 + lot, 'public_resources__tender_project.client') AS tenderer,
       one_of(['安徽示例项目管理有限公司', '皖西工程咨询有限公司', '皖西示例造价咨询有限公司', '安徽示例工程咨询有限公司'], firm, t, 'public_resources__tender_project.agency') AS agency,
       one_of(['公开招标', '公开招标', '公开招标', '竞争性磋商', '竞争性谈判', '邀请招标'], firm, t * 2 + lot, 'public_resources__tender_project.way') AS way,
       code AS division_code,
       one_of(['财政资金', '财政资金', '国有企业自筹', '专项债券', '其他'], firm, t * 2 + lot, 'public_resources__tender_project.fund') AS fund_source,
       wan(price_fen * 108 // 100) AS budget_wan, on_day AS announced_on, on_day + 20 AS opened_on
FROM (
    SELECT m.firm, m.t, c.*, o.lot, (m.month + pick(27, m.firm, m.t, 'public_resources.tender')::INTEGER - 40)::DATE AS on_day,
           round(w.base_sales * (1.5 + 6 * u(m.firm, m.t, 'public_resources.price')))::BIGINT AS price_fen, w.section
    FROM firm_month m JOIN who w USING (firm) JOIN county c ON c.code = w.division_code CROSS JOIN range(0, 2) o(lot)
    WHERE w.kind = 'enterprise' AND w.section IN ('E', 'M', 'N', 'I')
      AND u(m.firm, m.t, 'public_resources.won') < least(0.5, 0.03 * exp(0.45 * m.h + 0.3 * w.log_size))
)

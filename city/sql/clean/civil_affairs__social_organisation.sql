-- One row per organisation, again when it is closed: some twenty for each county and a few for each trade.
SELECT NULL::BIGINT AS _firm, unnest(versions(on_day, CASE WHEN closed > on_day THEN closed END)) AS _known_on,
       first16 || org_check(substr(first16, 9, 8)) || usci_check(first16 || org_check(substr(first16, 9, 8))) AS org_code,
       name || ['茶产业', '餐饮行业', '建筑业', '羽绒服装', '物流', '养老服务', '志愿服务', '书画', '汽车维修', '家政服务', '电子商务', '青年创业', '助残', '农机服务', '钓鱼运动', '家庭教育', '中医药', '油茶产业', '文物保护', '乡村建设'][1 + k // 3] || CASE k % 3
           WHEN 0 THEN '协会'
           WHEN 1 THEN '服务中心'
           ELSE '基金会' END AS org_name,
       CASE k % 3 WHEN 0 THEN '社会团体' WHEN 1 THEN '民办非企业单位' ELSE '基金会' END AS kind, code AS division_code,
       name || one_of(['农业农村局', '市场监督管理局', '民政局', '教育局', '文化和旅游局'], k, 0, 'civil_affairs__social_organisation.authority') AS authority,
       wan(300000000 * (1 + pick(6, k, 0, 'civil_affairs__social_organisation.fund' || code)) // 100) AS fund_wan, on_day AS founded_on,
       told(CASE WHEN closed > on_day THEN closed END, _known_on) AS closed_on,
       one_of(['未评估', '未评估', '未评估', '3A', '3A', '4A', '5A', '2A'], k, 0, 'civil_affairs__social_organisation.grade' || code) AS grade
FROM (
    SELECT c.*, k, (DATE '2004-01-01' + pick(7600, k, ascii(c.name), 'civil_affairs__social_organisation.day' || c.code)::INTEGER)::DATE AS on_day,
           CASE WHEN u(k, 0, 'civil_affairs__social_organisation.closed' || c.code) < 0.12 THEN DATE '2022-02-01' + pick(1500, k, 1, 'civil_affairs__social_organisation.closed' || c.code)::INTEGER END AS closed,
           '5' || CASE k % 3 WHEN 0 THEN '1' WHEN 1 THEN '2' ELSE '3' END || c.code || 'MJ' || code6(900000 + k * 100 + (c.code::BIGINT) % 100) AS first16
    FROM county c CROSS JOIN range(0, 60) r(k)
)

-- One row per request of a citizen: four a year for every firm.
SELECT NULL::BIGINT AS _firm, known(on_day) AS _known_on, 'MS' || digits8(id, 563) AS order_no,
       one_of(['电话', '电话', '电话', '网站', '微信', 'APP', '省平台转办'], id, 0, 'hotline__citizen_order.channel') AS channel,
       one_of(['咨询', '咨询', '咨询', '求助', '求助', '投诉', '建议', '举报', '表扬'], id, 0, 'hotline__citizen_order.kind') AS kind,
       one_of(['住房保障', '社会保险', '供水供电供气', '交通出行', '教育入学', '医疗卫生', '物业管理', '城市管理', '农业农村'], id, 0, 'hotline__citizen_order.category') AS category,
       code AS division_code, on_day AS received_on, on_day + 1 + pick(12, id, 0, 'hotline__citizen_order.days')::INTEGER AS answered_on,
       one_of(['满意', '满意', '满意', '满意', '未评价', '不满意'], id, 0, 'hotline__citizen_order.satisfaction') AS satisfaction
FROM (
    SELECT c.*, id, on_day FROM (SELECT id, (DATE '2022-01-01' + pick(2556, id, 0, 'hotline__citizen_order.day')::INTEGER)::DATE AS on_day, u(id, 0, 'hotline__citizen_order.county') AS place FROM range(1, 30 * firms() + 1) t(id)) s
    JOIN county c ON place BETWEEN c.low AND c.high
    WHERE on_day <= last_day_lived()
)

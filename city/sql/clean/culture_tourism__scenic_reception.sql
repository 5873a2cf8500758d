-- One row per scenic area and month.
SELECT NULL::BIGINT AS _firm, known(month) AS _known_on, 'AJQ' || code || lpad(k::VARCHAR, 2, '0') AS area_code, month AS period,
       name || ['大峡谷', '湿地公园', '红色纪念园', '茶谷', '古镇'][k] || '景区' AS area_name, ['4A', '3A', '4A', '3A', '2A'][k] AS grade, code AS division_code,
       visitors::BIGINT AS visitor_count, (visitors // 5)::BIGINT AS overnight_count, wan(visitors * [6000, 0, 0, 4500, 3000][k]) AS ticket_wan
FROM (
    SELECT c.*, k, t, month_of(t) AS month, round(6000 * (1 + pick(30, k, ascii(c.name), 'culture_tourism__scenic_reception.size')) * s.factor[month(month_of(t))] * CASE WHEN t < 12 THEN 0.6 ELSE 1.1 END * exp(0.12 * z(k, t, 'culture_tourism__scenic_reception' || c.code)))::BIGINT AS visitors
    FROM county c CROSS JOIN range(1, 6) a(k) CROSS JOIN range(0, last_month() + 1) r(t) JOIN season_list s ON s.season = 'visit'
)

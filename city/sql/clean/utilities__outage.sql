-- One row per power cut of a line: some thirty a month in each county.
SELECT NULL::BIGINT AS _firm, known(on_day) AS _known_on, 'TD' || code || strftime(on_day, '%Y%m') || lpad(k::VARCHAR, 3, '0') AS outage_no,
       code AS division_code,
       '10kV' || replace(replace(one_of(towns, t * 50 + k, 0, 'outage.town'), '镇', ''), '乡', '') || lpad((1 + pick(20, t, k, 'outage.line' || code))::VARCHAR, 2, '0') || '线' AS line,
       CASE WHEN u(t * 50 + k, code::BIGINT, 'outage.kind') < 0.6 THEN '计划停电' WHEN u(t * 50 + k, code::BIGINT, 'outage.kind') < 0.9 THEN '故障停电' ELSE '临时停电' END AS kind,
       on_day AS began_on, 15 + pick(600, t * 50 + k, code::BIGINT, 'outage.minutes') AS minutes,
       5 + pick(1500, t * 50 + k, code::BIGINT, 'outage.customers') AS customers
FROM (
    SELECT county.*, t, k, (month_of(t) + pick(28, t * 50 + k, code::BIGINT, 'outage.day')::INTEGER)::DATE AS on_day
    FROM county CROSS JOIN range(month_no(last_day_lived()) + 1) m(t) CROSS JOIN range(30) r(k)
)

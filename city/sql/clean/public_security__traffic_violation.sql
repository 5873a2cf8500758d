-- One row per violation with a firm's vehicle.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       '3415' || strftime(on_day, '%y%m') || digits8(firm, 5819241) || lpad(t::VARCHAR, 2, '0') AS notice_no,
       CASE section WHEN 'G' THEN one_of(['重型货车', '重型货车', '重型货车', '重型货车', '重型货车', '轻型货车'], firm, t, 'traffic_violation.vehicle_kind') WHEN 'E' THEN one_of(['专项作业车', '轻型货车'], firm, t, 'traffic_violation.vehicle_kind') ELSE '小型客车' END AS vehicle_kind,
       CASE section WHEN 'G' THEN one_of(['超过核定载质量', '超过核定载质量', '超过核定载质量', '超速行驶', '超速行驶', '疲劳驾驶', '未按规定停车'], firm, t, 'traffic_violation.conduct') ELSE one_of(['超速行驶', '超速行驶', '未按规定停车', '未按规定停车', '未按规定停车', '不按导向车道行驶'], firm, t, 'traffic_violation.conduct') END AS conduct,
       on_day AS happened_on, one_of([50, 100, 100, 200, 200, 500, 2000], firm, t, 'traffic_violation.fine')::DECIMAL(18, 2) AS fine_yuan,
       one_of([0, 1, 3, 6], firm, t, 'traffic_violation.points')::BIGINT AS points,
       one_of(['已处理', '已处理', '已处理', '已处理', '已处理', '未处理'], firm, t, 'traffic_violation.handled') AS handled
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'traffic_violation.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('G', 'E', 'C', 'F') AND u(w.firm, 0, 'vehicle') < CASE w.section WHEN 'G' THEN 0.7 WHEN 'E' THEN 0.3 WHEN 'C' THEN 0.22 ELSE 0.10 END * exp(0.35 * w.log_size)
      AND u(m.firm, m.t, 'traffic_violation') < least(0.4, 0.12 * exp(-0.15 * m.h))
)

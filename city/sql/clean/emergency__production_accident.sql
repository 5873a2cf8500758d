-- One row per accident.
SELECT firm AS _firm, known(on_day + 60 + pick(90, firm, t, 'emergency__production_accident.closed')::INTEGER) AS _known_on,
       'SG' || strftime(on_day, '%y%m') || digits8(firm, 251) AS accident_no, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       on_day AS happened_on,
       CASE section
           WHEN 'E' THEN one_of(['高处坠落', '物体打击', '坍塌', '触电'], firm, t, 'emergency__production_accident.kind')
           WHEN 'G' THEN '车辆伤害'
           ELSE one_of(['机械伤害', '触电', '灼烫', '物体打击', '中毒和窒息'], firm, t, 'emergency__production_accident.kind') END AS accident_kind,
       CASE WHEN dead = 0 THEN '未达等级' WHEN dead < 3 THEN '一般' ELSE '较大' END AS level, dead::BIGINT AS dead_count,
       (CASE WHEN dead = 0 THEN 1 ELSE pick(3, firm, t, 'emergency__production_accident.injured') END)::BIGINT AS injured_count,
       wan(10000000 * (1 + pick(20, firm, t, 'emergency__production_accident.loss')) * (1 + dead * 6)) AS loss_wan,
       CASE WHEN u(firm, t, 'emergency__production_accident.responsible') < 0.85 THEN '是' ELSE '否' END AS responsible,
       on_day + 60 + pick(90, firm, t, 'emergency__production_accident.closed')::INTEGER AS closed_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'emergency__production_accident.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(m.firm, m.t, 'emergency__production_accident.dead') < 0.55 THEN 0 WHEN u(m.firm, m.t, 'emergency__production_accident.dead') < 0.98 THEN 1 ELSE 3 END AS dead
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section IN ('C', 'E', 'G', 'A', 'N') AND m.sales_fen > 0
      AND u(m.firm, m.t, 'emergency__production_accident') < 0.0006 * exp(-0.6 * m.h + 0.3 * w.log_size)
)

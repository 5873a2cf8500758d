-- One row per decision on a work injury.
SELECT firm AS _firm, known(decided) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       left(county_name, 2) || '工伤认〔' || strftime(on_day, '%Y') || '〕' || digits8(firm, 79527369) || lpad(t::VARCHAR, 2, '0') || '号' AS decision_no,
       worker_name, worker_id, on_day AS injured_on,
       one_of(['右手食指', '左手中指', '右足', '腰部', '左小腿', '头部', '上下班途中多处挫伤'], firm, t, 'work_injury.injury') AS injury,
       one_of(['认定工伤', '认定工伤', '认定工伤', '认定工伤', '认定工伤', '认定工伤', '认定工伤', '认定工伤', '认定工伤', '认定工伤', '认定工伤', '认定工伤', '认定工伤', '认定工伤', '认定工伤', '认定工伤', '认定工伤', '认定工伤', '认定工伤', '认定工伤', '视同工伤', '不予认定'], firm, t, 'work_injury.decision') AS decision,
       decided AS decided_on,
       CASE WHEN u(firm, t, 'work_injury.disability_grade') < 0.4 THEN 6 + pick(5, firm, t, 'work_injury.grade') END AS disability_grade
FROM (
    SELECT w.*, m.t, (m.month + pick(28, m.firm, m.t, 'work_injury.day')::INTEGER)::DATE AS on_day, (on_day + 25 + pick(66, m.firm, m.t, 'work_injury.decided')::INTEGER)::DATE AS decided, p.name AS worker_name, p.resident_id AS worker_id
    FROM firm_month m JOIN who w USING (firm) JOIN person p ON p.id = 3 * firms() + 1 + pick(firms(), m.firm, m.t, 'work_injury.worker')
    WHERE m.headcount > 0 AND u(m.firm, m.t, 'work_injury') < least(0.3, m.headcount * CASE w.section WHEN 'E' THEN 0.0010 WHEN 'C' THEN 0.0008 ELSE 0.0002 END)
)

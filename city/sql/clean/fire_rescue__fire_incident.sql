-- One row per fire at a firm.
SELECT firm AS _firm, known(on_day) AS _known_on, 'HZ' || strftime(on_day, '%y%m') || digits8(firm, 599) AS incident_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name, on_day AS happened_on,
       one_of(['电气故障', '电气故障', '用火不慎', '生产作业', '遗留火种', '自燃', '原因不明'], firm, t, 'fire_rescue__fire_incident.cause') AS cause,
       (2 + pick(400, firm, t, 'fire_rescue__fire_incident.area'))::DOUBLE AS area_m2,
       (CASE WHEN u(firm, t, 'fire_rescue__fire_incident.dead') < 0.01 THEN 1 ELSE 0 END)::BIGINT AS dead_count,
       (CASE WHEN u(firm, t, 'fire_rescue__fire_incident.injured') < 0.06 THEN 1 + pick(2, firm, t, 'fire_rescue__fire_incident.how.many')
           ELSE 0 END)::BIGINT AS injured_count,
       yuan(loss_fen) AS loss_yuan
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'fire_rescue__fire_incident.day')::INTEGER)::DATE AS on_day,
           round(greatest(100000, w.base_sales * 0.5 * exp(1.1 * z(m.firm, m.t, 'fire_rescue__fire_incident.loss'))))::BIGINT AS loss_fen
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section IN ('H', 'F', 'C', 'A', 'O', 'G')
      AND u(m.firm, m.t, 'fire_rescue__fire_incident') < CASE w.section WHEN 'C' THEN 0.0007 WHEN 'H' THEN 0.0006 ELSE 0.0003 END * exp(-0.25 * m.h)
)

-- One row per verification; shops and works once a year or so.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       'LX' || strftime(on_day, '%Y%m') || digits8(firm, 20112262) AS certificate_no,
       CASE section WHEN 'F' THEN one_of(['电子计价秤', '电子计价秤', '电子计价秤', '电子计价秤', '加油机'], firm, t, 'metrology_verification.instrument') WHEN 'C' THEN one_of(['压力表', '压力表', '地中衡', '可燃气体报警器'], firm, t, 'metrology_verification.instrument') ELSE one_of(['电子计价秤', '压力表'], firm, t, 'metrology_verification.instrument') END AS instrument,
       (1 + pick(12, firm, t, 'metrology_verification.pieces')) AS pieces,
       one_of(['Ⅲ级', 'Ⅲ级', 'Ⅲ级', '1.6级', '2.5级'], firm, t, 'metrology_verification.accuracy_class') AS accuracy_class,
       one_of(['合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '不合格'], firm, t, 'metrology_verification.result') AS result,
       on_day AS verified_on, (on_day + INTERVAL 1 YEAR)::DATE AS valid_until
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'metrology_verification.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section IN ('F', 'C', 'A', 'G') AND u(w.firm, 0, 'metrology_verification') < 0.35
      AND u(m.firm, m.t, 'metrology_verification') < 0.05
)

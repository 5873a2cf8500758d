-- One row per spell of arrears in medical insurance, again when it is settled.
SELECT firm AS _firm, unnest(versions(on_day, settled)) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, on_day AS since_on,
       spell::BIGINT AS months, yuan(spell * headcount * 37000) AS arrears_yuan,
       yuan(spell * headcount * 37000 * (10 + pick(60, firm, t, 'medical_insurance__contribution_arrears.fee')) // 2000) AS late_fee_yuan,
       told(settled, _known_on) AS settled_on
FROM (
    SELECT w.*, m.t, m.h, m.headcount, (m.month + 15)::DATE AS on_day,
           CASE WHEN u(m.firm, m.t, 'medical_insurance__contribution_arrears.settled') < logistic(1.1 + 0.8 * m.h) THEN (m.month + 35 + pick(300, m.firm, m.t, 'medical_insurance__contribution_arrears.days')::INTEGER)::DATE END AS settled,
           1 + pick(5, m.firm, m.t, 'medical_insurance__contribution_arrears.months') AS spell
    FROM firm_month m JOIN who w USING (firm)
    WHERE m.headcount > 0 AND w.kind = 'enterprise'
      AND u(m.firm, m.t, 'medical_insurance__contribution_arrears') < least(0.3, 0.0035 * exp(-1.25 * m.h))
)

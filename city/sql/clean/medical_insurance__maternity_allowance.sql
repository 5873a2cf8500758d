-- One row per allowance paid to an employer for an employee on maternity leave.
SELECT firm AS _firm, known(on_day) AS _known_on, 'SY' || strftime(on_day, '%Y%m') || digits8(firm, 26457513) AS payment_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       (SELECT resident_id FROM person p WHERE p.id = 3 * firms() + 1 + pick(firms(), firm, t, 'medical_insurance__maternity_allowance.who')) AS employee_id,
       (on_day - 110 - pick(60, firm, t, 'medical_insurance__maternity_allowance.leave')::INTEGER)::DATE AS leave_from,
       (one_of([98, 113, 158, 158, 173], firm, t, 'medical_insurance__maternity_allowance.days'))::BIGINT AS leave_days,
       yuan(one_of([98, 113, 158, 158, 173], firm, t, 'medical_insurance__maternity_allowance.days') * (14500 + 100 * pick(90, firm, t, 'medical_insurance__maternity_allowance.daily'))) AS amount_yuan,
       on_day AS paid_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'medical_insurance__maternity_allowance.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND m.headcount >= 3 AND u(m.firm, m.t, 'medical_insurance__maternity_allowance') < least(0.3, 0.0011 * m.headcount)
)

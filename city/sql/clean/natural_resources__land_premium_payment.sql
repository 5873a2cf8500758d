-- One row per instalment paid for land that was granted; the weak pay late.
SELECT firm AS _firm, known(paid) AS _known_on, usci, name_on(paid, renamed_on, old_name, name) AS firm_name,
       division_code || strftime(on_day, '%Y') || 'B' || digits8(firm, 44945990) || lpad(t::VARCHAR, 2, '0') AS contract_no, 1 + k AS instalment,
       due AS due_on, wan(round(area * CASE section WHEN 'C' THEN 18000 ELSE 120000 END / 2)::BIGINT) AS due_wan, paid AS paid_on,
       wan(round(area * CASE section WHEN 'C' THEN 18000 ELSE 120000 END / 2)::BIGINT) AS paid_wan,
       CASE WHEN paid > due THEN wan(round(area * CASE section WHEN 'C' THEN 18000 ELSE 120000 END / 2 * 0.001 * date_diff('day', due, paid))::BIGINT) ELSE wan(0) END AS penalty_wan
FROM (
    SELECT *, (due + CASE WHEN u(firm, t * 2 + k, 'land_premium_payment.late') < logistic(-1.5 - h) THEN 10 + pick(160, firm, t * 2 + k, 'land_premium_payment.days') ELSE -pick(15, firm, t * 2 + k, 'land_premium_payment.days') END::INTEGER)::DATE AS paid
    FROM (
        SELECT w.*, m.t, m.h, k, (m.month + pick(28, m.firm, m.t, 'land_grant_contract.day')::INTEGER)::DATE AS on_day, (on_day + CASE k WHEN 0 THEN 30 ELSE 180 END)::DATE AS due,
               round(exp(9.4 + 0.5 * w.log_size + 0.5 * z(m.firm, m.t, 'grant.area')), 2) AS area
        FROM firm_month m JOIN who w USING (firm) CROSS JOIN range(2) r(k)
        WHERE w.kind = 'enterprise' AND w.section IN ('C', 'G', 'F', 'E') AND w.log_size > -0.3 AND m.h > -1
          AND u(m.firm, m.t, 'land_grant_contract') < least(0.4, 0.0012 * exp(0.3 * m.h))
    )
)
WHERE paid <= last_day_lived()

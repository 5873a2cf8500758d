-- One row per loan that a guarantor paid for, again when something was recovered.
SELECT firm AS _firm, unnest(versions(paid, recovered)) AS _known_on, usci, name_on(paid, renamed_on, old_name, name) AS firm_name,
       'DC' || year(paid) || lpad(loan::VARCHAR, 8, '0') AS compensation_no, 'DB' || year(lent_on) || lpad(loan::VARCHAR, 8, '0') AS guarantee_no,
       yuan(amount_fen * 103 // 100) AS paid_yuan, yuan(amount_fen * 20 // 100) AS pool_yuan, yuan(amount_fen * 40 // 100) AS reinsured_yuan,
       paid AS paid_on,
       CASE WHEN told(recovered, _known_on) IS NOT NULL THEN yuan(amount_fen * (5 + pick(60, firm, loan, 'compensation_payment.recovered')) // 100) ELSE yuan(0) END AS recovered_yuan,
       told(recovered, _known_on) AS recovered_on
FROM (
    SELECT l.* EXCLUDE (firm), w.*, missed_on + 90 AS paid, CASE WHEN u(w.firm, loan, 'compensation_payment.ever') < 0.55 THEN (missed_on + 200 + pick(360, w.firm, loan, 'compensation_payment.day')::INTEGER)::DATE END AS recovered
    FROM lending l JOIN who w ON w.firm = l.firm WHERE guarantee_kind = '担保公司保证' AND missed_on IS NOT NULL AND cured_days IS NULL
)
WHERE paid <= last_day_lived()

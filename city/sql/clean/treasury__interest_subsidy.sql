-- One row per loan whose interest was subsidised, after it was served to the end.
SELECT firm AS _firm, known(paid) AS _known_on, usci, name_on(paid, renamed_on, old_name, name) AS firm_name,
       'TX' || strftime(paid, '%Y') || lpad(loan::VARCHAR, 8, '0') AS subsidy_no, loan_no, bank_name, yuan(amount_fen) AS principal_yuan,
       yuan(round(amount_fen * rate_pct / 100)::BIGINT) AS interest_yuan, (CASE WHEN kind = 'individual' THEN 2 ELSE 1.5 END)::DOUBLE AS subsidy_pct,
       yuan(round(amount_fen * CASE WHEN kind = 'individual' THEN 2 ELSE 1.5 END / 100)::BIGINT) AS subsidy_yuan, paid AS paid_on
FROM (
    SELECT l.* EXCLUDE (firm), w.*, (due_on + 30 + pick(60, w.firm, loan, 'interest_subsidy.day')::INTEGER)::DATE AS paid
    FROM lending l JOIN who w ON w.firm = l.firm
    WHERE missed_on IS NULL AND u(w.firm, loan, 'interest_subsidy') < 0.35
)
WHERE paid <= last_day_lived()

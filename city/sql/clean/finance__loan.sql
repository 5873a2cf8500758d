-- One row per loan lent.
SELECT l.firm AS _firm, known(lent_on) AS _known_on, loan_no, usci, name_on(lent_on, renamed_on, old_name, name) AS firm_name, bank_name, yuan(amount_fen) AS amount_yuan,
       rate_pct::DOUBLE AS rate_pct, 12::BIGINT AS term_months, lent_on, due_on, guarantee_kind
FROM lending l JOIN who w USING (firm)

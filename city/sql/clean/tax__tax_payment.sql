-- One row per payment of what was declared; the weak pay late, and what is in arrears is not here.
SELECT r.firm AS _firm, greatest(known(period), known(paid_on - 9)) AS _known_on, usci AS taxpayer_id, name_on(paid_on, renamed_on, old_name, name) AS firm_name, period, tax_kind,
       yuan(due_fen) AS paid_yuan, paid_on
FROM declaration r JOIN who w USING (firm)
WHERE paid_on <= last_day_lived() + 9

-- One row per taxpayer, period and tax: value-added tax monthly (general taxpayers) or quarterly (others), income tax quarterly.
SELECT r.firm AS _firm, known(period) AS _known_on, usci AS taxpayer_id, name_on(declared_on, renamed_on, old_name, name) AS firm_name, period, tax_kind,
       yuan(declared_fen) AS declared_revenue_yuan, yuan(due_fen) AS tax_due_yuan, declared_on
FROM declaration r JOIN who w USING (firm)

-- One row per invoice that a firm of the city issued in the quarter.
SELECT s.seller AS _firm, known(issued_on) AS _known_on, w.usci AS taxpayer_id, name_on(issued_on, w.renamed_on, w.old_name, w.name) AS firm_name, invoice_no, issued_on,
       coalesce(b.usci, o.usci) AS counterparty_id, yuan(amount_fen) AS amount_yuan, yuan(tax_fen) AS tax_yuan, yuan(amount_fen + tax_fen) AS total_yuan, state
FROM sale s JOIN who w ON w.firm = s.seller LEFT JOIN who b ON b.firm = s.buyer LEFT JOIN outside o ON o.outside = s.outside

-- One row per invoice that a firm of the city received in the quarter: the very invoices of its suppliers in the city, and those from elsewhere.
SELECT s.buyer AS _firm, known(issued_on) AS _known_on, w.usci AS taxpayer_id, name_on(issued_on, w.renamed_on, w.old_name, w.name) AS firm_name, invoice_no, issued_on,
       b.usci AS counterparty_id, yuan(amount_fen) AS amount_yuan, yuan(tax_fen) AS tax_yuan, yuan(amount_fen + tax_fen) AS total_yuan, state
FROM sale s JOIN who w ON w.firm = s.buyer JOIN who b ON b.firm = s.seller
UNION ALL
SELECT p.buyer, known(issued_on), w.usci, name_on(issued_on, w.renamed_on, w.old_name, w.name), invoice_no, issued_on,
       o.usci, yuan(amount_fen), yuan(tax_fen), yuan(amount_fen + tax_fen), state
FROM purchase p JOIN who w ON w.firm = p.buyer JOIN outside o ON o.outside = p.outside

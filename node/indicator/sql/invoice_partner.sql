-- Invoices gathered by who was sold to and bought from.
-- One row per spine row, side (sale, purchase) and counterparty with an invoice that is visible on as_of and issued from ?since on: net_12m is what was
-- sold or bought in the 12 months up to period_end, returns taken off; gross is all that was sold or bought. In whole fen kept as DOUBLE.
-- From linked.tax__sales_invoice and tax__purchase_invoice; void invoices count for nothing. counterparty is a digest of the counterparty's identifier;
-- invoices without one are left out. ?since is the first day that a figure asked for looks at; ?which is a condition on the rows to
-- gather, as for invoice_month.
WITH sale AS (
    SELECT firm_id, issued_on, hash(counterparty_id) AS counterparty, _known_on, _superseded_on, round(CAST(amount_yuan AS DOUBLE) * 100) AS fen
    FROM linked.tax__sales_invoice
    WHERE issued_on >= CAST(?since AS DATE) AND counterparty_id IS NOT NULL AND NOT trim(state) = '作废发票' AND ?which
),
purchase AS (
    SELECT firm_id, issued_on, hash(counterparty_id) AS counterparty, _known_on, _superseded_on, round(CAST(amount_yuan AS DOUBLE) * 100) AS fen
    FROM linked.tax__purchase_invoice
    WHERE issued_on >= CAST(?since AS DATE) AND counterparty_id IS NOT NULL AND NOT trim(state) = '作废发票' AND ?which
)
SELECT s.firm_id, s.as_of, 'sale' AS side, i.counterparty,
       sum(CASE WHEN i.issued_on >= s.from_12m THEN i.fen END) AS net_12m,
       sum(CASE WHEN i.fen > 0 THEN i.fen ELSE 0 END)          AS gross
FROM spine s
JOIN sale i
  ON i.firm_id = s.firm_id
 AND i._known_on <= s.as_of
 AND (i._superseded_on IS NULL OR i._superseded_on > s.as_of)
 AND i.issued_on <= s.period_end
GROUP BY 1, 2, 4
UNION ALL
SELECT s.firm_id, s.as_of, 'purchase', i.counterparty,
       sum(CASE WHEN i.issued_on >= s.from_12m THEN i.fen END),
       sum(CASE WHEN i.fen > 0 THEN i.fen ELSE 0 END)
FROM spine s
JOIN purchase i
  ON i.firm_id = s.firm_id
 AND i._known_on <= s.as_of
 AND (i._superseded_on IS NULL OR i._superseded_on > s.as_of)
 AND i.issued_on <= s.period_end
GROUP BY 1, 2, 4

-- Invoices gathered, so that a spine of many dates meets months and not invoices.
-- One row per side (sale, purchase), firm of the spine, month and time of knowledge; a tenth to a third of the invoices. From linked.tax__sales_invoice
-- and tax__purchase_invoice.
-- A void invoice (作废发票) counts in invoices and voids only; a negative amount is a return (红字发票). Amounts are net of tax, in whole fen
-- kept as DOUBLE, so that sums are exact whatever their order; low_taxed is what was sold or bought with at most 3.5 per cent of tax.
-- ?which is a condition on the rows to gather: those of the spine's firms, all, or those that landed lately.
WITH sale AS (
    SELECT firm_id, CAST(date_trunc('month', issued_on) AS DATE) AS month, _known_on, _superseded_on, issued_on,
           round(CAST(amount_yuan AS DOUBLE) * 100) AS fen, tax_yuan <= amount_yuan * 0.035 AS low_taxed, trim(state) = '作废发票' AS void
    FROM linked.tax__sales_invoice
    WHERE issued_on IS NOT NULL AND ?which
),
purchase AS (
    SELECT firm_id, CAST(date_trunc('month', issued_on) AS DATE) AS month, _known_on, _superseded_on, issued_on,
           round(CAST(amount_yuan AS DOUBLE) * 100) AS fen, tax_yuan <= amount_yuan * 0.035 AS low_taxed, trim(state) = '作废发票' AS void
    FROM linked.tax__purchase_invoice
    WHERE issued_on IS NOT NULL AND ?which
)
SELECT 'sale' AS side, firm_id, month, _known_on, _superseded_on,
       sum(CASE WHEN NOT void AND fen > 0 THEN fen ELSE 0 END)               AS gross,
       sum(CASE WHEN NOT void AND fen < 0 THEN -fen ELSE 0 END)              AS returned,
       sum(CASE WHEN NOT void AND fen > 0 AND low_taxed THEN fen ELSE 0 END) AS low_taxed,
       sum(CASE WHEN NOT void AND fen > 0 THEN 1 ELSE 0 END)                 AS positives,
       sum(CASE WHEN void THEN 1 ELSE 0 END)                                 AS voids,
       count(*)                                                              AS invoices,
       max(CASE WHEN NOT void AND fen > 0 THEN issued_on END)                AS last_on
FROM sale
GROUP BY 2, 3, 4, 5
UNION ALL
SELECT 'purchase', firm_id, month, _known_on, _superseded_on,
       sum(CASE WHEN NOT void AND fen > 0 THEN fen ELSE 0 END),
       sum(CASE WHEN NOT void AND fen < 0 THEN -fen ELSE 0 END),
       sum(CASE WHEN NOT void AND fen > 0 AND low_taxed THEN fen ELSE 0 END),
       sum(CASE WHEN NOT void AND fen > 0 THEN 1 ELSE 0 END),
       sum(CASE WHEN void THEN 1 ELSE 0 END),
       count(*),
       max(CASE WHEN NOT void AND fen > 0 THEN issued_on END)
FROM purchase
GROUP BY 2, 3, 4, 5

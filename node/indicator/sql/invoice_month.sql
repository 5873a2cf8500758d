-- Invoices gathered, so that a spine of many dates meets months and not invoices.
-- One row per side (sale, purchase), firm, month, counterparty and time of knowledge. From linked.tax__sales_invoice and tax__purchase_invoice.
-- A void invoice (作废发票) counts in invoices and voids only; a negative amount is a return (红字发票). Amounts are net of tax, in whole fen
-- kept as DOUBLE, so that sums are exact whatever their order; low_taxed is what was sold or bought with at most 3.5 per cent of tax. counterparty is a digest of the counterparty's identifier, NULL where there is none.
WITH invoice AS (
    SELECT 'sale' AS side, firm_id, issued_on, counterparty_id, round(CAST(amount_yuan AS DOUBLE) * 100) AS fen, amount_yuan, tax_yuan, trim(state) = '作废发票' AS void, _known_on, _superseded_on
    FROM linked.tax__sales_invoice
    WHERE issued_on IS NOT NULL
    UNION ALL
    SELECT 'purchase', firm_id, issued_on, counterparty_id, round(CAST(amount_yuan AS DOUBLE) * 100), amount_yuan, tax_yuan, trim(state) = '作废发票', _known_on, _superseded_on
    FROM linked.tax__purchase_invoice
    WHERE issued_on IS NOT NULL
)
SELECT side,
       firm_id,
       CAST(date_trunc('month', issued_on) AS DATE)                                  AS month,
       CASE WHEN counterparty_id IS NOT NULL THEN hash(counterparty_id) END          AS counterparty,
       _known_on,
       _superseded_on,
       sum(CASE WHEN NOT void AND amount_yuan > 0 THEN fen ELSE 0 END)  AS gross,
       sum(CASE WHEN NOT void AND amount_yuan < 0 THEN -fen ELSE 0 END) AS returned,
       sum(CASE WHEN NOT void AND amount_yuan > 0 AND tax_yuan <= amount_yuan * 0.035 THEN fen ELSE 0 END) AS low_taxed,
       sum(CASE WHEN NOT void AND amount_yuan > 0 THEN 1 ELSE 0 END)                 AS positives,
       sum(CASE WHEN void THEN 1 ELSE 0 END)                                         AS voids,
       count(*)                                                                      AS invoices,
       max(CASE WHEN NOT void AND amount_yuan > 0 THEN issued_on END)                AS last_on
FROM invoice
GROUP BY ALL

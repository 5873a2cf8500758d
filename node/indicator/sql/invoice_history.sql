-- What a firm's invoices say over the whole time for which they are known: how long and how evenly it has sold, with whom, at what margin,
-- and how many invoices were voided or taken back on either side.
-- One row per spine row whose firm has at least one invoice, sold or bought, known by as_of.
-- From invoice_month and invoice_partner (linked.tax__sales_invoice and tax__purchase_invoice), as known on as_of, issued by period_end. A void invoice (作废发票) counts
-- for nothing but the void shares; a negative amount is a return (红字发票). Amounts are net of tax.
WITH visible AS (
    SELECT s.firm_id, s.as_of, s.period_end, p.side, p.month,
           p.gross, p.returned, p.low_taxed, p.positives, p.voids, p.invoices
    FROM spine s
    JOIN invoice_month p
      ON p.firm_id = s.firm_id
     AND p._known_on <= s.as_of
     AND (p._superseded_on IS NULL OR p._superseded_on > s.as_of)
     AND p.month <= s.period_end
),
-- Sales of each of the 36 months up to period_end; a month without an invoice sold nothing.
month_of AS (
    SELECT firm_id, as_of, period_end, month, sum(gross - returned) AS net
    FROM visible
    WHERE side = 'sale'
    GROUP BY 1, 2, 3, 4
),
evenness AS (
    SELECT firm_id, as_of,
           sum(net) / 36                                             AS average,
           sum(net * net) / 36                       AS average_square
    FROM month_of
    WHERE datediff('month', month, period_end) < 36
    GROUP BY 1, 2
),
partners AS (
    SELECT firm_id, as_of,
           sum(CASE WHEN side = 'sale' AND gross > 0 THEN 1 ELSE 0 END)              AS customers,
           sum(CASE WHEN side = 'purchase' AND gross > 0 THEN 1 ELSE 0 END)          AS suppliers,
           sum(CASE WHEN side = 'sale' THEN gross * gross END) / nullif(power(sum(CASE WHEN side = 'sale' THEN gross END), 2), 0)         AS customer_herfindahl,
           sum(CASE WHEN side = 'purchase' THEN gross * gross END) / nullif(power(sum(CASE WHEN side = 'purchase' THEN gross END), 2), 0) AS supplier_herfindahl
    FROM invoice_partner
    GROUP BY 1, 2
),
total AS (
    SELECT firm_id, as_of, period_end,
           min(CASE WHEN side = 'sale' THEN month END)                               AS first_sale,
           sum(CASE WHEN side = 'sale' THEN gross ELSE 0 END)        AS sold,
           sum(CASE WHEN side = 'sale' THEN returned ELSE 0 END)     AS sale_returns,
           sum(CASE WHEN side = 'sale' THEN low_taxed ELSE 0 END)    AS sold_low_taxed,
           sum(CASE WHEN side = 'sale' THEN positives ELSE 0 END)                    AS sale_positives,
           sum(CASE WHEN side = 'sale' THEN voids ELSE 0 END)                        AS sale_voids,
           sum(CASE WHEN side = 'sale' THEN invoices ELSE 0 END)                     AS sale_invoices,
           sum(CASE WHEN side = 'purchase' THEN gross ELSE 0 END)    AS bought,
           sum(CASE WHEN side = 'purchase' THEN returned ELSE 0 END) AS purchase_returns,
           sum(CASE WHEN side = 'purchase' THEN positives ELSE 0 END)                AS purchase_positives,
           sum(CASE WHEN side = 'purchase' THEN voids ELSE 0 END)                    AS purchase_voids,
           sum(CASE WHEN side = 'purchase' THEN invoices ELSE 0 END)                 AS purchase_invoices
    FROM visible
    GROUP BY 1, 2, 3
)
SELECT t.firm_id,
       t.as_of,
       CASE WHEN t.purchase_invoices > 0 THEN (t.bought - t.purchase_returns) / 100 END AS purchases_total,
       CASE WHEN e.average > 0
            THEN round(sqrt(greatest(e.average_square - e.average * e.average, 0)) / e.average, 9)
       END                                                                           AS sales_volatility_36m,
       CASE WHEN t.sale_invoices > 0 THEN t.sale_voids / CAST(t.sale_invoices AS DOUBLE) END AS void_share_total,
       CASE WHEN t.sold > 0 THEN t.sale_returns / t.sold END                         AS return_share_total,
       CASE WHEN t.purchase_invoices > 0 THEN t.purchase_voids / CAST(t.purchase_invoices AS DOUBLE) END AS purchase_void_share_total,
       CASE WHEN t.bought > 0 THEN t.purchase_returns / t.bought END                 AS purchase_return_share_total,
       CASE WHEN t.sale_invoices > 0 THEN CAST(p.customers AS DOUBLE) END            AS customers_total,
       CASE WHEN t.purchase_invoices > 0 THEN CAST(p.suppliers AS DOUBLE) END        AS suppliers_total,
       CAST(datediff('month', t.first_sale, t.period_end) + 1 AS DOUBLE)             AS sales_history_months,
       CASE WHEN t.sold - t.sale_returns > 0
            THEN greatest(least((t.sold - t.sale_returns - t.bought + t.purchase_returns) / (t.sold - t.sale_returns), 1), -10)
       END                                                                           AS sales_margin_total,
       CASE WHEN t.sale_positives > 0 THEN t.sold / t.sale_positives / 100 END       AS sale_invoice_average,
       CASE WHEN t.purchase_positives > 0 THEN t.bought / t.purchase_positives / 100 END AS purchase_invoice_average,
       CASE WHEN t.sold > 0 THEN t.sold_low_taxed / t.sold END                       AS low_tax_share_total,
       round(p.customer_herfindahl, 9)                                                      AS customer_herfindahl_total,
       round(p.supplier_herfindahl, 9)                                                      AS supplier_herfindahl_total
FROM total t
LEFT JOIN evenness e ON e.firm_id = t.firm_id AND e.as_of = t.as_of
LEFT JOIN partners p ON p.firm_id = t.firm_id AND p.as_of = t.as_of

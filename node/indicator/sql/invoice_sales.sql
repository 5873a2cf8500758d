-- What a firm sold, by its sales invoices.
-- One row per spine row whose firm has at least one sales invoice known by as_of; a firm without is missing, not zero.
-- From invoice_month and invoice_partner (linked.tax__sales_invoice), as known on as_of, issued by period_end. A void invoice (作废发票) counts for nothing but
-- void_share_12m; a negative amount is a return (红字发票) and is taken off sales. Amounts are net of tax.
WITH visible AS (
    SELECT s.firm_id, s.as_of, p.month,
           p.gross - p.returned AS net, p.gross AS sold, p.returned, p.invoices, p.voids, p.last_on
    FROM spine s
    JOIN invoice_month p
      ON p.firm_id = s.firm_id
     AND p._known_on <= s.as_of
     AND (p._superseded_on IS NULL OR p._superseded_on > s.as_of)
     AND p.month <= s.period_end
    WHERE p.side = 'sale'
),
month_of AS (
    SELECT firm_id, as_of, month,
           sum(net) AS net, sum(sold) AS sold, sum(returned) AS returned,
           sum(invoices) AS invoices, sum(voids) AS voids, max(last_on) AS last_sale
    FROM visible
    GROUP BY 1, 2, 3
),
total AS (
    SELECT s.firm_id, s.as_of, s.period_end, s.from_12m, s.from_24m,
           min(month)                                                                AS first_month,
           max(last_sale)                                                            AS last_sale,
           sum(net)                                                                  AS net_total,
           sum(CASE WHEN net > 0 THEN 1 ELSE 0 END)                                  AS months_total,
           sum(invoices - voids)                                                     AS invoices_total,
           sum(CASE WHEN month >= from_12m THEN net ELSE 0 END)                      AS net_12m,
           sum(CASE WHEN month >= from_12m THEN net * net ELSE 0 END) AS net_squares_12m,
           sum(CASE WHEN month >= from_12m AND net > 0 THEN 1 ELSE 0 END)            AS months_12m,
           sum(CASE WHEN month >= from_12m THEN sold ELSE 0 END)                     AS sold_12m,
           sum(CASE WHEN month >= from_12m THEN returned ELSE 0 END)                 AS returned_12m,
           sum(CASE WHEN month >= from_12m THEN invoices ELSE 0 END)                 AS invoices_12m,
           sum(CASE WHEN month >= from_12m THEN voids ELSE 0 END)                    AS voids_12m,
           sum(CASE WHEN month >= from_24m AND month < from_12m THEN net ELSE 0 END) AS net_prior
    FROM month_of m
    JOIN spine s ON s.firm_id = m.firm_id AND s.as_of = m.as_of
    GROUP BY s.firm_id, s.as_of, s.period_end, s.from_12m, s.from_24m
),
-- Months of each window in which the firm can have sold: those since its first invoice.
span AS (
    SELECT *,
           datediff('month', CASE WHEN first_month > from_12m THEN first_month ELSE from_12m END, period_end) + 1 AS span_12m,
           datediff('month', CASE WHEN first_month > from_24m THEN first_month ELSE from_24m END, from_12m)       AS span_prior
    FROM total
),
customers AS (
    SELECT firm_id, as_of, count(*) AS customers_12m, max(net_12m) AS largest, sum(net_12m) AS bought
    FROM invoice_partner
    WHERE side = 'sale' AND net_12m > 0
    GROUP BY 1, 2
)
SELECT t.firm_id,
       t.as_of,
       t.net_12m / 100                                                               AS sales_12m,
       CAST(t.months_12m AS DOUBLE)                                                  AS active_sales_months_12m,
       CASE WHEN t.net_12m > 0 AND t.span_12m >= 3
            THEN round(sqrt(greatest(t.net_squares_12m / t.span_12m - power(t.net_12m / t.span_12m, 2), 0)) / (t.net_12m / t.span_12m), 9)
       END                                                                           AS sales_volatility_12m,
       CASE WHEN t.invoices_12m > 0 THEN t.voids_12m / CAST(t.invoices_12m AS DOUBLE) END AS void_share_12m,
       CASE WHEN t.sold_12m > 0 THEN t.returned_12m / t.sold_12m END AS return_share_12m,
       CASE WHEN c.bought > 0 THEN c.largest / c.bought END          AS customer_concentration_12m,
       CAST(coalesce(c.customers_12m, 0) AS DOUBLE)                                  AS customers_12m,
       CAST(datediff('day', t.last_sale, t.period_end) AS DOUBLE)                    AS days_since_last_sale,
       CASE WHEN t.net_prior > 0 AND t.span_prior >= 6
            THEN greatest(least(t.net_12m / (t.net_prior * 12.0 / t.span_prior) - 1, 10), -1)
       END                                                                           AS sales_growth,
       t.net_total / 100                                                             AS sales_total,
       CAST(t.months_total AS DOUBLE)                                                AS sales_months_total,
       CAST(t.invoices_total AS DOUBLE)                                              AS sales_invoices_total
FROM span t
LEFT JOIN customers c ON c.firm_id = t.firm_id AND c.as_of = t.as_of

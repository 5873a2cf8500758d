-- What a firm bought, by its purchase invoices.
-- One row per spine row whose firm has at least one purchase invoice known by as_of.
-- From invoice_month and invoice_partner (linked.tax__purchase_invoice), as known on as_of, issued by period_end; void invoices count for nothing, negative
-- amounts are returns.
WITH bought AS (
    SELECT s.firm_id, s.as_of,
           sum(CASE WHEN p.month >= s.from_12m THEN p.gross - p.returned ELSE 0 END) AS net_12m
    FROM spine s
    JOIN invoice_month p
      ON p.firm_id = s.firm_id
     AND p._known_on <= s.as_of
     AND (p._superseded_on IS NULL OR p._superseded_on > s.as_of)
     AND p.month <= s.period_end
    WHERE p.side = 'purchase'
    GROUP BY 1, 2
),
suppliers AS (
    SELECT firm_id, as_of, count(*) AS n, max(net_12m) AS largest, sum(net_12m) AS net
    FROM invoice_partner
    WHERE side = 'purchase' AND net_12m > 0
    GROUP BY 1, 2
)
SELECT b.firm_id,
       b.as_of,
       b.net_12m / 100                         AS purchases_12m,
       CAST(coalesce(p.n, 0) AS DOUBLE)        AS suppliers_12m,
       CASE WHEN p.net > 0 THEN p.largest / p.net END AS supplier_concentration_12m
FROM bought b
LEFT JOIN suppliers p ON p.firm_id = b.firm_id AND p.as_of = b.as_of

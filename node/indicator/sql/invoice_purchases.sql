-- What a firm bought, by its purchase invoices.
-- One row per spine row whose firm has at least one purchase invoice known by as_of.
-- From invoice_month (linked.tax__purchase_invoice), as known on as_of, issued by period_end; void invoices count for nothing, negative amounts are returns.
WITH supplier AS (
    SELECT s.firm_id, s.as_of, p.counterparty,
           sum(CASE WHEN p.month >= s.from_12m THEN p.gross - p.returned ELSE 0 END) AS net_12m
    FROM spine s
    JOIN invoice_month p
      ON p.firm_id = s.firm_id
     AND p._known_on <= s.as_of
     AND (p._superseded_on IS NULL OR p._superseded_on > s.as_of)
     AND p.month <= s.period_end
    WHERE p.side = 'purchase'
    GROUP BY ALL
)
SELECT firm_id,
       as_of,
       sum(net_12m) / 100                                                            AS purchases_12m,
       CAST(sum(CASE WHEN counterparty IS NOT NULL AND net_12m > 0 THEN 1 ELSE 0 END) AS DOUBLE) AS suppliers_12m,
       CASE WHEN sum(CASE WHEN counterparty IS NOT NULL AND net_12m > 0 THEN net_12m END) > 0
            THEN max(CASE WHEN counterparty IS NOT NULL THEN net_12m END)
                 / sum(CASE WHEN counterparty IS NOT NULL AND net_12m > 0 THEN net_12m END)
       END                                                                           AS supplier_concentration_12m
FROM supplier
GROUP BY ALL

-- What a firm bought, by its purchase invoices.
-- One row per spine row whose firm has at least one purchase invoice known by as_of.
-- From linked.tax__purchase_invoice, as known on as_of, issued by period_end; void invoices count for nothing, negative amounts are returns.
WITH piece AS (
    SELECT firm_id,
           CAST(date_trunc('month', issued_on) AS DATE) AS month,
           counterparty_id,
           _known_on,
           _superseded_on,
           sum(CASE WHEN trim(state) = '作废发票' THEN 0 ELSE amount_yuan END) AS net
    FROM linked.tax__purchase_invoice
    WHERE issued_on IS NOT NULL
    GROUP BY ALL
),
supplier AS (
    SELECT s.firm_id, s.as_of, p.counterparty_id,
           sum(CASE WHEN p.month >= s.from_12m THEN p.net ELSE 0 END) AS net_12m
    FROM spine s
    JOIN piece p
      ON p.firm_id = s.firm_id
     AND p._known_on <= s.as_of
     AND (p._superseded_on IS NULL OR p._superseded_on > s.as_of)
     AND p.month <= s.period_end
    GROUP BY ALL
)
SELECT firm_id,
       as_of,
       CAST(sum(net_12m) AS DOUBLE)                                                  AS purchases_12m,
       CAST(sum(CASE WHEN counterparty_id IS NOT NULL AND net_12m > 0 THEN 1 ELSE 0 END) AS DOUBLE) AS suppliers_12m,
       CASE WHEN sum(CASE WHEN counterparty_id IS NOT NULL AND net_12m > 0 THEN net_12m END) > 0
            THEN max(CASE WHEN counterparty_id IS NOT NULL THEN net_12m END)
                 / CAST(sum(CASE WHEN counterparty_id IS NOT NULL AND net_12m > 0 THEN net_12m END) AS DOUBLE)
       END                                                                           AS supplier_concentration_12m
FROM supplier
GROUP BY ALL

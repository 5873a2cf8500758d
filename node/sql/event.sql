-- What happened to firms that a lender wants to hear of: one row per event that still holds, or that happened within twelve months of as_of.
-- From the linked views as known on as_of (?1), and the sales figures of refresh.figure. Codes and severities are the numbers of border's
-- AlertCode and Severity; event_key is the same in every run, made of what the department calls the case.
WITH seen AS (
    SELECT 1 AS alert_code, 3 AS severity, firm_id, published_on AS occurred_on, _known_on AS known_on, case_no AS told_by
    FROM linked.court__dishonest_debtor
    WHERE _known_on <= CAST(?1 AS DATE) AND (_superseded_on IS NULL OR _superseded_on > CAST(?1 AS DATE))
      AND (removed_on IS NULL OR removed_on > CAST(?1 AS DATE))
    UNION ALL
    SELECT 2, CASE WHEN amount_yuan >= 1000000 THEN 3 ELSE 2 END, firm_id, filed_on, _known_on, case_no
    FROM linked.court__enforcement
    WHERE _known_on <= CAST(?1 AS DATE) AND (_superseded_on IS NULL OR _superseded_on > CAST(?1 AS DATE))
      AND (closed_on IS NULL OR closed_on > CAST(?1 AS DATE))
    UNION ALL
    SELECT 3, 3, firm_id, issued_on, _known_on, case_no
    FROM linked.court__restricted_consumption
    WHERE _known_on <= CAST(?1 AS DATE) AND (_superseded_on IS NULL OR _superseded_on > CAST(?1 AS DATE))
      AND (lifted_on IS NULL OR lifted_on > CAST(?1 AS DATE))
    UNION ALL
    SELECT 4, 3, firm_id, listed_on, _known_on, 'serious'
    FROM linked.market_regulation__serious_illegality
    WHERE _known_on <= CAST(?1 AS DATE) AND (_superseded_on IS NULL OR _superseded_on > CAST(?1 AS DATE))
      AND (removed_on IS NULL OR removed_on > CAST(?1 AS DATE))
    UNION ALL
    SELECT 5, 2, firm_id, listed_on, _known_on, 'abnormal'
    FROM linked.market_regulation__abnormal_list
    WHERE _known_on <= CAST(?1 AS DATE) AND (_superseded_on IS NULL OR _superseded_on > CAST(?1 AS DATE))
      AND (removed_on IS NULL OR removed_on > CAST(?1 AS DATE))
    UNION ALL
    SELECT 6, CASE WHEN arrears_yuan >= 100000 THEN 2 ELSE 1 END, firm_id, since_on, _known_on, tax_kind
    FROM linked.tax__tax_arrears
    WHERE _known_on <= CAST(?1 AS DATE) AND (_superseded_on IS NULL OR _superseded_on > CAST(?1 AS DATE))
      AND (cleared_on IS NULL OR cleared_on > CAST(?1 AS DATE))
    UNION ALL
    SELECT 7, CASE WHEN amount_yuan >= 100000 THEN 2 ELSE 1 END, firm_id, penalised_on, _known_on, case_no
    FROM linked.market_regulation__penalty
    WHERE _known_on <= CAST(?1 AS DATE) AND (_superseded_on IS NULL OR _superseded_on > CAST(?1 AS DATE))
      AND penalised_on > CAST(CAST(?1 AS DATE) - INTERVAL 12 MONTH AS DATE)
    UNION ALL
    SELECT 7, CASE WHEN amount_yuan >= 100000 THEN 2 ELSE 1 END, firm_id, penalised_on, _known_on, case_no
    FROM linked.environment__environment_penalty
    WHERE _known_on <= CAST(?1 AS DATE) AND (_superseded_on IS NULL OR _superseded_on > CAST(?1 AS DATE))
      AND penalised_on > CAST(CAST(?1 AS DATE) - INTERVAL 12 MONTH AS DATE)
    UNION ALL
    SELECT 8, 1, firm_id, since_on, _known_on, utility_kind
    FROM linked.utilities__utility_arrears
    WHERE _known_on <= CAST(?1 AS DATE) AND (_superseded_on IS NULL OR _superseded_on > CAST(?1 AS DATE))
      AND (cleared_on IS NULL OR cleared_on > CAST(?1 AS DATE))
    UNION ALL
    SELECT 9, 3, firm_id, coalesce(closed_on, known_on), known_on, status
    FROM entity.firm
    WHERE status IN ('注销', '吊销') AND known_on <= CAST(?1 AS DATE)
    UNION ALL
    -- Sales of the last full year fell by more than half against the year before; told once per quarter, on its observation date.
    SELECT 10, 2, f.firm_id, s.period_end, s.period_end + 15, 'sales'
    FROM refresh.figure f
    JOIN refresh.spine s USING (firm_id, as_of)
    WHERE s.purpose = 'now' AND f.sales_growth < -0.5
)
-- Where a case was sent more than once, it was known from the first time on.
SELECT firm_id,
       CAST(alert_code AS INTEGER) AS alert_code,
       CAST(max(severity) AS INTEGER) AS severity,
       occurred_on,
       min(known_on) AS known_on,
       md5(concat_ws('|', alert_code, firm_id, told_by, occurred_on)) AS event_key
FROM seen
WHERE occurred_on IS NOT NULL AND occurred_on <= CAST(?1 AS DATE)
GROUP BY firm_id, alert_code, told_by, occurred_on
ORDER BY firm_id, alert_code, occurred_on, event_key

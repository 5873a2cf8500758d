-- How old a firm is, how often its registration changed, and what it reported of its year.
-- One row per spine row; counts are 0 for a firm without changes once changes were delivered.
-- From entity.firm, linked.market_regulation__registration_change (changes by as_of) and annual_report (the latest year known on as_of,
-- if not older than three years).
WITH change_of AS (
    SELECT s.firm_id, s.as_of, s.as_of_24m, s.as_of_36m, c.changed_on, c.item
    FROM spine s
    JOIN linked.market_regulation__registration_change c
      ON c.firm_id = s.firm_id
     AND c._known_on <= s.as_of
     AND (c._superseded_on IS NULL OR c._superseded_on > s.as_of)
     AND c.changed_on <= s.as_of
    GROUP BY ALL
),
changes AS (
    SELECT firm_id, as_of,
           sum(CASE WHEN changed_on > as_of_24m THEN 1 ELSE 0 END)                            AS changes_24m,
           sum(CASE WHEN changed_on > as_of_36m AND item = '法定代表人' THEN 1 ELSE 0 END)        AS legal_person_36m
    FROM change_of
    GROUP BY ALL
),
delivered AS (
    SELECT min(_known_on) AS first_known_on FROM linked.market_regulation__registration_change
),
report_of AS (
    SELECT s.firm_id, s.as_of, a.report_year,
           max(a.assets_wan) AS assets_wan, max(a.liabilities_wan) AS liabilities_wan, max(a.revenue_wan) AS revenue_wan, max(a.profit_wan) AS profit_wan
    FROM spine s
    JOIN linked.market_regulation__annual_report a
      ON a.firm_id = s.firm_id
     AND a._known_on <= s.as_of
     AND (a._superseded_on IS NULL OR a._superseded_on > s.as_of)
     AND CAST(a.report_year AS INTEGER) >= year(s.period_end) - 3
    GROUP BY 1, 2, 3
),
report AS (
    SELECT firm_id, as_of,
           max_by(assets_wan, report_year)      AS assets_wan,
           max_by(liabilities_wan, report_year) AS liabilities_wan,
           max_by(revenue_wan, report_year)     AS revenue_wan,
           max_by(profit_wan, report_year)      AS profit_wan
    FROM report_of
    GROUP BY 1, 2
)
SELECT s.firm_id,
       s.as_of,
       CASE WHEN f.established_on <= s.as_of THEN CAST(datediff('month', f.established_on, s.as_of) AS DOUBLE) END AS firm_age_months,
       CASE WHEN d.first_known_on <= s.as_of THEN CAST(coalesce(c.changes_24m, 0) AS DOUBLE) END                   AS registration_changes_24m,
       CASE WHEN d.first_known_on <= s.as_of THEN CAST(coalesce(c.legal_person_36m, 0) AS DOUBLE) END              AS legal_person_changes_36m,
       CASE WHEN r.liabilities_wan > 0 THEN least(r.assets_wan / CAST(r.liabilities_wan AS DOUBLE), 100)
            WHEN r.liabilities_wan = 0 AND r.assets_wan > 0 THEN 100.0 END                                         AS assets_to_liabilities,
       CASE WHEN r.revenue_wan > 0
            THEN greatest(least(r.profit_wan / CAST(r.revenue_wan AS DOUBLE), 1), -10) END                         AS profit_margin
FROM spine s
CROSS JOIN delivered d
LEFT JOIN entity.firm f ON f.firm_id = s.firm_id
LEFT JOIN changes c ON c.firm_id = s.firm_id AND c.as_of = s.as_of
LEFT JOIN report r  ON r.firm_id = s.firm_id AND r.as_of = s.as_of

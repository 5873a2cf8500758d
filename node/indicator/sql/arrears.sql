-- What a firm owes to the tax office and for power and water.
-- One row per spine row; 0 for a firm without arrears, missing while a catalogue was never delivered.
-- From linked.tax__tax_arrears and utilities__utility_arrears, open on as_of, as known on as_of. A case counts once, however often and under whatever
-- spelling of its number it was sent.
WITH delivered AS (
    SELECT (SELECT min(_known_on) FROM linked.tax__tax_arrears)           AS tax_on,
           (SELECT min(_known_on) FROM linked.utilities__utility_arrears) AS utility_on
),
tax_case AS (
    SELECT s.firm_id, s.as_of, a.tax_kind, a.since_on, max(a.arrears_yuan) AS yuan
    FROM spine s
    JOIN linked.tax__tax_arrears a
      ON a.firm_id = s.firm_id
     AND a._known_on <= s.as_of
     AND (a._superseded_on IS NULL OR a._superseded_on > s.as_of)
     AND a.since_on <= s.as_of
     AND (a.cleared_on IS NULL OR a.cleared_on > s.as_of)
    GROUP BY 1, 2, 3, 4
),
tax_owed AS (
    SELECT firm_id, as_of, sum(yuan) AS yuan FROM tax_case GROUP BY 1, 2
),
utility_case AS (
    SELECT s.firm_id, s.as_of, a.utility_kind, a.since_on, max(a.arrears_yuan) AS yuan
    FROM spine s
    JOIN linked.utilities__utility_arrears a
      ON a.firm_id = s.firm_id
     AND a._known_on <= s.as_of
     AND (a._superseded_on IS NULL OR a._superseded_on > s.as_of)
     AND a.since_on <= s.as_of
     AND (a.cleared_on IS NULL OR a.cleared_on > s.as_of)
    GROUP BY 1, 2, 3, 4
),
utility_owed AS (
    SELECT firm_id, as_of, sum(yuan) AS yuan FROM utility_case GROUP BY 1, 2
)
SELECT s.firm_id,
       s.as_of,
       CASE WHEN d.tax_on <= s.as_of THEN CAST(coalesce(t.yuan, 0) AS DOUBLE) END     AS tax_arrears_open,
       CASE WHEN d.utility_on <= s.as_of THEN CAST(coalesce(u.yuan, 0) AS DOUBLE) END AS utility_arrears_open
FROM spine s
CROSS JOIN delivered d
LEFT JOIN tax_owed t     ON t.firm_id = s.firm_id AND t.as_of = s.as_of
LEFT JOIN utility_owed u ON u.firm_id = s.firm_id AND u.as_of = s.as_of

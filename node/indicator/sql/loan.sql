-- How a firm served its loans so far, and what it owes.
-- One row per spine row; loan_balance is 0 for a firm without loans once loans were delivered, loan_overdue_max_days_24m is missing for it.
-- From linked.finance__loan and linked.finance__loan_status as known on as_of; status reports of the 24 months up to as_of.
WITH delivered AS (
    SELECT min(_known_on) AS first_known_on FROM linked.finance__loan
),
status AS (
    SELECT s.firm_id, s.as_of, s.as_of_24m, l.loan_no, l.status_on, l.balance_yuan, l.overdue_days
    FROM spine s
    JOIN linked.finance__loan_status l
      ON l.firm_id = s.firm_id
     AND l._known_on <= s.as_of
     AND (l._superseded_on IS NULL OR l._superseded_on > s.as_of)
     AND l.status_on <= s.as_of
),
reported AS (
    SELECT firm_id, as_of, loan_no, max_by(balance_yuan, status_on) AS balance_yuan
    FROM (SELECT firm_id, as_of, loan_no, status_on, max(balance_yuan) AS balance_yuan FROM status GROUP BY 1, 2, 3, 4) told
    GROUP BY 1, 2, 3
),
-- A loan that no report has mentioned yet is owed in full until it is due.
owed AS (
    SELECT s.firm_id, s.as_of, l.loan_no,
           CASE WHEN r.loan_no IS NOT NULL THEN r.balance_yuan
                WHEN l.due_on > s.as_of THEN l.amount_yuan
                ELSE 0 END AS balance_yuan
    FROM spine s
    JOIN linked.finance__loan l
      ON l.firm_id = s.firm_id
     AND l._known_on <= s.as_of
     AND (l._superseded_on IS NULL OR l._superseded_on > s.as_of)
     AND l.lent_on <= s.as_of
    LEFT JOIN reported r ON r.firm_id = s.firm_id AND r.as_of = s.as_of AND r.loan_no = l.loan_no
),
balance AS (
    SELECT firm_id, as_of, sum(balance_yuan) AS balance_yuan FROM owed GROUP BY 1, 2
),
overdue AS (
    SELECT firm_id, as_of, max(overdue_days) AS days FROM status WHERE status_on > as_of_24m GROUP BY 1, 2
)
SELECT s.firm_id,
       s.as_of,
       CAST(o.days AS DOUBLE) AS loan_overdue_max_days_24m,
       CASE WHEN d.first_known_on <= s.as_of THEN CAST(coalesce(b.balance_yuan, 0) AS DOUBLE) END AS loan_balance
FROM spine s
CROSS JOIN delivered d
LEFT JOIN balance b ON b.firm_id = s.firm_id AND b.as_of = s.as_of
LEFT JOIN overdue o ON o.firm_id = s.firm_id AND o.as_of = s.as_of

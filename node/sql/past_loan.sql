-- What a card is trained on: how the city's past loans ended.
-- One row per loan whose first twelve months are over and known about: the firm, the observation date on or before the day of lending with the
-- quarter end before it, and whether the loan went bad. About 1,500 rows in a city of 2,000 firms.
-- From linked.finance__loan and finance__loan_status as known on as_of (?1), for loans lent at least twelve months before period_end (?2).
-- A loan is bad when within twelve months of lending it was overdue for more than 90 days, or classed substandard or worse. A report of a
-- later day tells too: 120 days overdue, a month after the twelve are over, were more than 90 before.
WITH lent AS (
    SELECT loan_no, max(firm_id) AS firm_id, max(lent_on) AS lent_on
    FROM linked.finance__loan
    WHERE _known_on <= CAST(?1 AS DATE) AND (_superseded_on IS NULL OR _superseded_on > CAST(?1 AS DATE))
    GROUP BY loan_no
),
over AS (
    SELECT loan_no, firm_id, lent_on, CAST(lent_on + INTERVAL 12 MONTH AS DATE) AS year_on
    FROM lent
    WHERE CAST(lent_on + INTERVAL 12 MONTH AS DATE) <= CAST(?2 AS DATE)
),
went_bad AS (
    SELECT DISTINCT o.loan_no
    FROM over o
    JOIN landed.finance__loan_status s
      ON s.loan_no = o.loan_no
     AND s._known_on <= CAST(?1 AS DATE)
     AND (s._superseded_on IS NULL OR s._superseded_on > CAST(?1 AS DATE))
    WHERE (s.overdue_days > 90 AND s.status_on - CAST(s.overdue_days AS INTEGER) + 91 <= o.year_on)
       OR (s.five_class IN ('次级', '可疑', '损失') AND s.status_on <= o.year_on)
),
observed AS (
    SELECT o.*,
           CAST(date_trunc('quarter', lent_on) AS DATE) AS quarter_on,
           CAST(date_trunc('quarter', lent_on) AS DATE) + 14 AS observed_on
    FROM over o
)
SELECT o.loan_no, o.firm_id, o.lent_on,
       CASE WHEN observed_on <= lent_on THEN observed_on ELSE CAST(quarter_on - INTERVAL 3 MONTH AS DATE) + 14 END AS as_of,
       CASE WHEN observed_on <= lent_on THEN quarter_on - 1 ELSE CAST(quarter_on - INTERVAL 3 MONTH AS DATE) - 1 END AS period_end,
       CASE WHEN b.loan_no IS NULL THEN 0.0 ELSE 1.0 END AS bad
FROM observed o
LEFT JOIN went_bad b ON b.loan_no = o.loan_no

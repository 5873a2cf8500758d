-- How many a firm employs, and whether it pays their insurance and housing fund.
-- One row per spine row; missing for a firm that never appeared, except housing_fund_months_12m, which is 0 once the fund has delivered.
-- From linked.human_resources__social_insurance and linked.housing_fund__contribution as known on as_of, periods up to period_end.
-- Growth compares the last three months of the window with the same months a year before.
WITH insured AS (
    SELECT s.firm_id, s.as_of, i.period,
           max(i.headcount) AS headcount, max(i.due_yuan) AS due_yuan, max(i.paid_yuan) AS paid_yuan
    FROM spine s
    JOIN linked.human_resources__social_insurance i
      ON i.firm_id = s.firm_id
     AND i._known_on <= s.as_of
     AND (i._superseded_on IS NULL OR i._superseded_on > s.as_of)
     AND i.period <= s.period_end
    GROUP BY 1, 2, 3
),
staff AS (
    SELECT s.firm_id, s.as_of, s.period_end, s.from_12m,
           min(period)                                                                               AS first_period,
           sum(CASE WHEN period >= from_12m AND paid_yuan >= due_yuan THEN 1 ELSE 0 END)             AS paid_months,
           sum(CASE WHEN period >= from_12m THEN 1 ELSE 0 END)                                       AS months,
           max_by(CASE WHEN period >= from_12m THEN headcount END, CASE WHEN period >= from_12m THEN period END) AS headcount,
           stddev_pop(CASE WHEN period >= from_12m THEN headcount END)                               AS spread,
           avg(CASE WHEN period >= from_12m THEN headcount END)                                      AS mean,
           avg(CASE WHEN datediff('month', period, period_end) < 3 THEN headcount END)               AS lately,
           avg(CASE WHEN datediff('month', period, period_end) BETWEEN 12 AND 14 THEN headcount END) AS year_before
    FROM insured i
    JOIN spine s ON s.firm_id = i.firm_id AND s.as_of = i.as_of
    GROUP BY s.firm_id, s.as_of, s.period_end, s.from_12m
),
fund_month AS (
    SELECT s.firm_id, s.as_of, h.period, max(h.paid_yuan) AS paid_yuan
    FROM spine s
    JOIN linked.housing_fund__contribution h
      ON h.firm_id = s.firm_id
     AND h._known_on <= s.as_of
     AND (h._superseded_on IS NULL OR h._superseded_on > s.as_of)
     AND h.period <= s.period_end
     AND h.period >= s.from_12m
    GROUP BY 1, 2, 3
),
fund AS (
    SELECT firm_id, as_of, sum(CASE WHEN paid_yuan > 0 THEN 1 ELSE 0 END) AS months FROM fund_month GROUP BY 1, 2
),
delivered AS (
    SELECT min(_known_on) AS first_known_on FROM linked.housing_fund__contribution
)
SELECT s.firm_id,
       s.as_of,
       CAST(datediff('month', CASE WHEN i.first_period > i.from_12m THEN i.first_period ELSE i.from_12m END, i.period_end) + 1
            - i.paid_months AS DOUBLE)                                                     AS social_insurance_gaps_12m,
       CASE WHEN i.firm_id IS NOT NULL THEN CAST(coalesce(i.headcount, 0) AS DOUBLE) END  AS headcount,
       CASE WHEN i.months >= 3 AND i.mean > 0 THEN round(i.spread / i.mean, 9) END               AS headcount_volatility_12m,
       CASE WHEN i.year_before > 0
            THEN greatest(least(coalesce(i.lately, 0) / i.year_before - 1, 10), -1) END   AS headcount_growth,
       CASE WHEN d.first_known_on <= s.as_of THEN CAST(coalesce(f.months, 0) AS DOUBLE) END AS housing_fund_months_12m
FROM spine s
CROSS JOIN delivered d
LEFT JOIN staff i ON i.firm_id = s.firm_id AND i.as_of = s.as_of
LEFT JOIN fund f  ON f.firm_id = s.firm_id AND f.as_of = s.as_of

-- What power a firm uses.
-- One row per spine row; missing for a firm without a meter.
-- From linked.utilities__electricity (all meters of the firm, periods up to period_end), as known on as_of.
WITH reading AS (
    SELECT s.firm_id, s.as_of, e.period, e.meter_no, max(e.kwh) AS kwh
    FROM spine s
    JOIN linked.utilities__electricity e
      ON e.firm_id = s.firm_id
     AND e._known_on <= s.as_of
     AND (e._superseded_on IS NULL OR e._superseded_on > s.as_of)
     AND e.period <= s.period_end
    GROUP BY 1, 2, 3, 4
),
used AS (
    SELECT s.firm_id, s.as_of,
           sum(CASE WHEN period >= from_12m THEN kwh ELSE 0 END)                       AS kwh_12m,
           sum(CASE WHEN period >= from_24m AND period < from_12m THEN kwh ELSE 0 END) AS kwh_prior,
           datediff('month', CASE WHEN min(period) > from_24m THEN min(period) ELSE from_24m END, from_12m) AS span_prior
    FROM reading r
    JOIN spine s ON s.firm_id = r.firm_id AND s.as_of = r.as_of
    GROUP BY s.firm_id, s.as_of, s.from_12m, s.from_24m
)
SELECT s.firm_id,
       s.as_of,
       CAST(u.kwh_12m AS DOUBLE) AS electricity_12m,
       CASE WHEN u.kwh_prior > 0 AND u.span_prior >= 6
            THEN greatest(least(u.kwh_12m / (u.kwh_prior * 12.0 / u.span_prior) - 1, 10), -1)
       END                       AS electricity_growth
FROM spine s
LEFT JOIN used u    ON u.firm_id = s.firm_id AND u.as_of = s.as_of

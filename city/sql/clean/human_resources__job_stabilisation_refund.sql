-- One row per firm and year whose unemployment contributions were refunded because it kept its workers.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, y AS refund_year, heads AS insured,
       round(greatest(0, 5.5 - 2 * h) * u(firm, y, 'job_stabilisation_refund.layoff'), 2)::DOUBLE AS layoff_pct,
       (CASE WHEN heads > 300 THEN 30 ELSE 60 END)::DOUBLE AS share_pct,
       yuan(heads * (20000 + 1200 * (y - 2020)) * CASE WHEN heads > 300 THEN 5 ELSE 10 END // 10) AS refund_yuan, on_day AS published_on
FROM (
    SELECT w.*, y, heads, h, (make_date(y, 6, 1) + pick(150, w.firm, y, 'job_stabilisation_refund.day')::INTEGER)::DATE AS on_day
    FROM who w JOIN (SELECT firm, year(month) + 1 AS y, (sum(headcount) // count(*))::BIGINT AS heads, arg_max(h, t) AS h FROM firm_month WHERE kind = 'enterprise' GROUP BY ALL) a USING (firm)
    WHERE heads >= 2 AND h > -1.2 AND u(w.firm, 0, 'insured') < 0.82 AND u(w.firm, y, 'job_stabilisation_refund') < 0.6 + 0.1 * least(2, h)
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived()))

-- One row per firm and half year judged.
SELECT firm AS _firm, known(month) AS _known_on, usci, name_on(month, renamed_on, old_name, name) AS firm_name, month AS period, points::BIGINT AS score,
       CASE WHEN points >= 850 THEN '优' WHEN points >= 720 THEN '良' WHEN points >= 600 THEN '中' ELSE '差' END AS grade,
       (whole(0.5 * exp(-0.8 * h), firm, t, 'development_reform__credit_evaluation.negative'))::BIGINT AS negative_count,
       (round(100.0 * logistic((points - 760) / 55.0), 1))::DOUBLE AS percentile
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount,
           round(greatest(300, least(1000, 760 + 70 * m.strength + 45 * z(m.firm, m.t, 'development_reform__credit_evaluation.points'))))::BIGINT AS points
    FROM firm_month m JOIN who w USING (firm)
    WHERE m.t % 6 = 5 AND u(m.firm, 0, 'development_reform__credit_evaluation') < 0.9
)

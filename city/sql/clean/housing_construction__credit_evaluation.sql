-- One row per builder and quarter scored.
SELECT firm AS _firm, known(month) AS _known_on, usci, name_on(month, renamed_on, old_name, name) AS firm_name, month AS period, points::DOUBLE AS score,
       CASE WHEN points >= 85 THEN 'A' WHEN points >= 72 THEN 'B' WHEN points >= 60 THEN 'C' ELSE 'D' END AS grade,
       (round(10 * u(firm, t, 'housing_construction__credit_evaluation.good'), 1))::DOUBLE AS good_points,
       (round(least(60, 3 * exp(-0.5 * h) * u(firm, t, 'housing_construction__credit_evaluation.bad')), 1))::DOUBLE AS bad_points, division_code
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount,
           greatest(30, least(100, round(78 + 7 * m.strength + 4 * z(m.firm, m.t, 'housing_construction__credit_evaluation'), 1))) AS points
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section IN ('E', 'M') AND m.t % 3 = 2 AND u(m.firm, 0, 'housing_construction__credit_evaluation') < 0.8
)

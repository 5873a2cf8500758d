-- One row per review.
SELECT firm AS _firm, known(on_day) AS _known_on,
       left(city_name, 1) || '发改能审〔' || year(on_day) || '〕' || digits8(firm * 60 + t, 433) || '号' AS approval_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name, trade || word || '生产线项目' AS project_name,
       (round(50 + 4000 * u(firm, t, 'development_reform__energy_review.energy'), 1))::DOUBLE AS energy_tce,
       (round(20 + 900 * u(firm, t, 'development_reform__energy_review.energy'), 1))::DOUBLE AS power_wan_kwh,
       CASE WHEN u(firm, t, 'development_reform__energy_review.energy') < 0.24 THEN '承诺备案'
           WHEN u(firm, t, 'development_reform__energy_review.verdict') < 0.03 THEN '不同意'
           ELSE '同意' END AS verdict,
       on_day AS approved_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'development_reform__energy_review.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section IN ('C', 'A', 'G', 'F')
      AND u(m.firm, m.t, 'development_reform__energy_review') < 0.0016 * exp(0.4 * w.log_size + 0.2 * m.h)
)

-- One row per reporting unit and month; those in trouble report late or not at all.
SELECT firm AS _firm, known(month) AS _known_on, usci, name_on(month, renamed_on, old_name, name) AS firm_name, month AS period,
       wan(round(sales_fen * (0.95 + 0.08 * u(firm, t, 'statistics__direct_report.revenue')))::BIGINT) AS revenue_wan,
       (round(sales_fen * greatest(-0.5, least(0.4, 0.035 + 0.03 * h)) / 10000)::BIGINT::DECIMAL(18, 0) / 100)::DECIMAL(18, 4) AS profit_wan,
       wan(round(base_sales * (0.5 + 0.6 * u(firm, 0, 'statistics__direct_report.stock')) * exp(-0.2 * h))::BIGINT) AS stock_wan,
       wan(headcount * (480000 + 15000 * (t // 12))) AS wages_wan, headcount::BIGINT AS employees,
       (round(base_sales / 1000000 * kwh_per_wan * least(4, sales_fen / base_sales)))::DOUBLE AS power_kwh,
       (month + 35 + pick(8, firm, t, 'statistics__direct_report.submitted')::INTEGER)::DATE AS submitted_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.base_sales * 12 > CASE WHEN w.section IN ('H', 'O') THEN 200000000 WHEN w.section = 'F' THEN 500000000 ELSE 2000000000 END AND u(m.firm, m.t, 'statistics__direct_report') > logistic(-5 - 1.2 * m.h)
)

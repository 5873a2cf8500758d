-- One row per state-held firm and month.
SELECT firm AS _firm, known(month) AS _known_on, usci, name_on(month, renamed_on, old_name, name) AS firm_name, month AS period,
       wan(sales_fen) AS revenue_wan,
       (round(sales_fen * greatest(-0.4, least(0.35, 0.04 + 0.035 * h)) / 10000)::BIGINT::DECIMAL(18, 0) / 100)::DECIMAL(18, 4) AS profit_wan,
       wan(assets_fen) AS assets_wan, wan(round(assets_fen * greatest(0.15, least(0.95, 0.58 - 0.08 * h)))::BIGINT) AS liabilities_wan,
       wan(round(assets_fen * 0.15 * u(firm, t // 6, 'state_assets__supervised_enterprise.guarantee'))::BIGINT) AS guarantee_wan,
       headcount::BIGINT AS employees
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount,
           round(w.base_sales * 24 * (0.6 + 0.6 * u(m.firm, 0, 'state_assets__supervised_enterprise.assets')))::BIGINT AS assets_fen
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.log_size > 0.5 AND u(m.firm, 0, 'state_assets__supervised_enterprise') < 0.012
)

-- One row per enterprise and quarter of its life.
SELECT firm AS _firm, known(period_end) AS _known_on, usci AS taxpayer_id, name_on(period_end, renamed_on, old_name, name) AS firm_name, period_end,
       yuan(assets) AS total_assets_yuan, yuan(assets * (0.35 + 0.4 * u(firm, 0, 'financial_statement.current'))) AS current_assets_yuan,
       yuan(revenue * (0.45 - 0.08 * greatest(-2, least(2, h)) + 0.3 * u(firm, 0, 'financial_statement.receivable'))) AS receivables_yuan,
       yuan(purchases * (0.2 + 0.5 * u(firm, 0, 'financial_statement.inventory'))) AS inventory_yuan,
       yuan(assets) - yuan(assets * (1 - debt)) AS liabilities_yuan, yuan(assets * (1 - debt)) AS equity_yuan, yuan(revenue) AS revenue_yuan,
       yuan(revenue * (0.03 + 0.32 * (margin - 0.15) + 0.035 * h + 0.03 * z(firm, q, 'financial_statement.profit'))) AS net_profit_yuan,
       (period_end + 1 + pick(9, firm, q, 'financial_statement.day')::INTEGER)::DATE AS filed_on
FROM (
    SELECT *, base_sales * 12 * exp(0.3 * strength) * (0.55 + 0.5 * u(firm, 0, 'assets')) AS assets,
           greatest(0.06, least(1.35, 0.52 - 0.15 * h + 0.06 * z(firm, q, 'financial_statement.debt'))) AS debt
    FROM (
        SELECT firm, t // 3 AS q, last_day(max(month)) AS period_end, sum(sales_fen)::BIGINT AS revenue, sum(purchase_fen)::BIGINT AS purchases,
               arg_max(h, t) AS h, arg_max(strength, t) AS strength
        FROM firm_month WHERE kind = 'enterprise' GROUP BY ALL
    ) JOIN who USING (firm)
    WHERE u(firm, q, 'financial_statement') < 0.97
)

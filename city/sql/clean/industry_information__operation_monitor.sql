-- One row per monitored industrial firm and month.
SELECT firm AS _firm, known(month) AS _known_on, usci, name_on(month, renamed_on, old_name, name) AS firm_name, month AS period,
       wan(round(sales_fen * (0.94 + 0.12 * u(firm, t, 'industry_information__operation_monitor.output')))::BIGINT) AS output_wan,
       wan(CASE WHEN u(firm, 0, 'commerce.exports') < 0.11 * exp(0.3 * log_size) THEN round(sales_fen * 0.3 * u(firm, t, 'industry_information__operation_monitor.export'))::BIGINT
           ELSE 0 END) AS export_wan,
       wan(round(base_sales * 1.6 * exp(0.45 * h + 0.2 * z(firm, t, 'industry_information__operation_monitor.orders')))::BIGINT) AS orders_wan,
       wan(round(base_sales * 1.9 * exp(-0.22 * h + 0.15 * z(firm, t, 'industry_information__operation_monitor.receivable')))::BIGINT) AS receivable_wan,
       headcount::BIGINT AS headcount, (round(least(130, greatest(0, 74 * sales_fen / base_sales)), 1))::DOUBLE AS load_pct,
       CASE WHEN h < -0.6 THEN one_of(['订单不足', '资金紧张', '货款回收慢', '招工难'], firm, t, 'industry_information__operation_monitor.difficulty') END AS difficulty
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section = 'C' AND w.log_size > -0.6
      AND u(m.firm, m.t, 'industry_information__operation_monitor') > logistic(-4.0 - 1.2 * m.h)
)

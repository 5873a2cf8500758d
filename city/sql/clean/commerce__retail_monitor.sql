-- One row per monitored firm and month.
SELECT firm AS _firm, known(month) AS _known_on, usci, name_on(month, renamed_on, old_name, name) AS firm_name, month AS period,
       CASE section
           WHEN 'H' THEN '住宿餐饮'
           ELSE one_of(['超市', '百货店', '专业店', '批发', '购物中心'], firm, 0, 'commerce__retail_monitor.business') END AS business,
       wan(round(sales_fen * (0.97 + 0.05 * u(firm, t, 'commerce__retail_monitor.sales')))::BIGINT) AS sales_wan,
       wan(round(sales_fen * 0.25 * u(firm, t // 12, 'commerce__retail_monitor.online'))::BIGINT) AS online_wan,
       wan(round(base_sales * (0.7 + 0.5 * u(firm, 0, 'commerce__retail_monitor.stock')) * exp(-0.15 * h))::BIGINT) AS stock_wan,
       (sales_fen // (3000 + 100 * pick(90, firm, 0, 'commerce__retail_monitor.basket')))::BIGINT AS visitor_count
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section IN ('F', 'H') AND w.log_size > -0.2 AND u(m.firm, 0, 'commerce__retail_monitor') < 0.5
)

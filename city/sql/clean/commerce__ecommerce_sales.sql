-- One row per online shop and month observed.
SELECT firm AS _firm, known(month) AS _known_on, 'DP' || digits8(firm, 191) AS shop_no, usci, name_on(month, renamed_on, old_name, name) AS firm_name,
       one_of(['淘系平台', '京东平台', '拼购平台', '直播平台', '自建商城'], firm, 0, 'commerce__ecommerce_sales.platform') AS platform, month AS period,
       yuan(online_fen) AS sales_yuan, (online_fen // (4500 + 100 * pick(120, firm, 0, 'commerce__ecommerce_sales.basket')))::BIGINT AS order_count,
       (round(least(60, greatest(0.3, 6 - 1.2 * h + 2 * z(firm, t, 'commerce__ecommerce_sales.refund'))), 2))::DOUBLE AS refund_pct,
       (round(least(5, greatest(3, 4.6 + 0.06 * h + 0.08 * z(firm, t, 'commerce__ecommerce_sales.score'))), 2))::DOUBLE AS score
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount,
           round(m.sales_fen * CASE WHEN w.industry_code = 'F5292' THEN 0.9 ELSE 0.1 + 0.3 * u(m.firm, 0, 'commerce__ecommerce_sales.share') END * exp(0.1 * z(m.firm, m.t, 'commerce__ecommerce_sales.sales')))::BIGINT AS online_fen
    FROM firm_month m JOIN who w USING (firm)
    WHERE (w.industry_code = 'F5292' OR (w.section IN ('F', 'C', 'A') AND u(m.firm, 0, 'commerce__ecommerce_sales') < 0.05)) AND m.sales_fen > 0
)

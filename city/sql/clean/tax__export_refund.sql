-- One row per exporter and month with exports: manufacturers and traders, by the share of their sales that goes abroad (the same as at the customs).
SELECT firm AS _firm, known(approved) AS _known_on, usci AS taxpayer_id, name_on(month, renamed_on, old_name, name) AS firm_name, month AS period,
       '34' || digits8(firm, 34159600) AS customs_code, yuan(sales_fen * share) AS export_yuan,
       (CASE section WHEN 'A' THEN 9 ELSE 13 END)::DOUBLE AS refund_rate_pct,
       yuan(sales_fen * share * CASE section WHEN 'A' THEN 0.09 ELSE 0.13 END * 0.62) AS refund_yuan,
       CASE WHEN mu > 1.1 THEN '一类' WHEN mu > -0.8 THEN '二类' WHEN mu > -1.6 THEN '三类' ELSE '四类' END AS class, approved AS approved_on
FROM (
    SELECT w.*, m.t, m.month, m.sales_fen, (m.month + 38 + pick(30, m.firm, m.t, 'export_refund.day')::INTEGER)::DATE AS approved, 0.1 + 0.5 * u(m.firm, 0, 'export.share') AS share
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section IN ('A', 'C', 'F') AND m.sales_fen > 0
      AND u(m.firm, 0, 'exporter') < CASE w.section WHEN 'C' THEN 0.14 ELSE 0.04 END * exp(0.3 * w.log_size)
      AND u(m.firm, m.t, 'exports') < 0.75
)

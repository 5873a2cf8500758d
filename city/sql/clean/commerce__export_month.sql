-- One row per foreign trader and month in which it traded.
SELECT firm AS _firm, known(month) AS _known_on, usci, name_on(month, renamed_on, old_name, name) AS firm_name, month AS period,
       wan(export_fen) AS export_wan, wan(import_fen) AS import_wan,
       one_of(['美国', '越南', '德国', '日本', '阿联酋', '俄罗斯', '马来西亚', '韩国'], firm, t // 12, 'commerce__export_month.market') AS main_market,
       CASE section WHEN 'A' THEN '茶叶' WHEN 'C' THEN word ELSE '日用百货' END AS main_goods,
       (pick(40, firm, 0, 'commerce__export_month.processing'))::DOUBLE AS processing_share_pct
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount,
           round(m.sales_fen * (0.05 + 0.6 * u(m.firm, 0, 'commerce__export_month.share')) * exp(0.25 * z(m.firm, m.t, 'commerce__export_month.export')))::BIGINT AS export_fen,
           CASE WHEN u(m.firm, 0, 'commerce__export_month.imports') < 0.3 THEN round(m.purchase_fen * 0.25 * u(m.firm, m.t, 'commerce__export_month.import'))::BIGINT ELSE 0 END AS import_fen
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section IN ('C', 'F', 'A') AND u(m.firm, 0, 'commerce.exports') < 0.11 * exp(0.3 * w.log_size)
      AND m.sales_fen > 0 AND u(m.firm, m.t, 'commerce__export_month') < 0.8
)

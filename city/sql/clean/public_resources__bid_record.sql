-- One row per bid of a firm of the city.
SELECT firm AS _firm, known(on_day) AS _known_on, 'TB' || strftime(on_day, '%y%m') || digits8(firm, 151) || lpad(k::VARCHAR, 2, '0') AS bid_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       county_name || one_of(['产业园标准厂房', '道路改造', '污水管网', '学校食堂', '智慧城管平台', '公园绿化', '河道整治', '老旧小区改造'], firm, t * 8 + k, 'public_resources__bid_record.what') AS lot_name,
       wan(round(base_sales * (1 + 6 * u(firm, t * 8 + k, 'public_resources__bid_record.price')))::BIGINT) AS price_wan,
       (round(greatest(20, least(99, 78 + 4 * h + 6 * z(firm, t * 8 + k, 'public_resources__bid_record.score'))), 2))::DOUBLE AS score,
       (1 + pick(18, firm, t * 8 + k, 'public_resources__bid_record.rank'))::BIGINT AS rank_no,
       CASE WHEN rank_no = 1 THEN '中标'
           WHEN u(firm, t * 8 + k, 'public_resources__bid_record.void') < 0.06 * exp(-0.4 * h) THEN '否决投标'
           ELSE '未中标' END AS outcome,
       on_day AS bid_on
FROM (
    SELECT w.*, m.t, m.h, k, (m.month + pick(27, m.firm, m.t * 8 + k, 'public_resources__bid_record.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm) CROSS JOIN range(0, 6) r(k)
    WHERE w.kind = 'enterprise' AND w.section IN ('E', 'M', 'N', 'I') AND m.sales_fen > 0
      AND u(m.firm, m.t * 8 + k, 'public_resources__bid_record') < least(0.6, 0.10 * exp(0.3 * w.log_size + 0.2 * m.h))
)

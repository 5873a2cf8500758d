-- One row per handbook when it is opened, again when it is closed.
SELECT firm AS _firm, unnest(versions(on_day, closed)) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       'C33' || strftime(on_day, '%y%m') || digits8(firm, 29123252) AS handbook_no,
       one_of(['进料加工', '进料加工', '进料加工', '进料加工', '来料加工'], firm, 0, 'processing_handbook.trade_mode') AS trade_mode, yuan(planned) AS import_yuan,
       yuan(planned * (125 + pick(40, firm, t, 'processing_handbook.added')) // 100) AS export_yuan, on_day AS opened_on,
       (on_day + INTERVAL 1 YEAR)::DATE AS valid_until, CASE WHEN told(closed, _known_on) IS NOT NULL THEN '结案' ELSE '执行' END AS state,
       told(closed, _known_on) AS closed_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'processing_handbook.day')::INTEGER)::DATE AS on_day,
           greatest(5000000, round(m.sales_fen * (1 + 3 * u(m.firm, m.t, 'processing_handbook.planned'))))::BIGINT AS planned, (on_day + 200 + pick(200, m.firm, m.t, 'processing_handbook.until')::INTEGER)::DATE AS closed
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section = 'C' AND m.sales_fen > 0 AND u(m.firm, 0, 'exporter') < 0.05 * exp(0.3 * w.log_size)
      AND u(m.firm, m.t, 'processing_handbook') < 0.08
)

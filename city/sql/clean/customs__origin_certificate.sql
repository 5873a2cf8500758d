-- One row per certificate; exporters in months with exports.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       'E' || strftime(on_day, '%y') || '3415' || digits8(firm, 17081015) || lpad(t::VARCHAR, 2, '0') AS certificate_no,
       one_of(['RCEP', 'RCEP', 'RCEP', 'RCEP', '中国—东盟', '中国—东盟', '中国—东盟', '一般原产地', '一般原产地', '一般原产地', '一般原产地', '普惠制', '中韩'], firm, t, 'origin_certificate.kind') AS kind,
       one_of(['VNM', 'MYS', 'JPN', 'KOR', 'THA', 'AUS'], firm, t, 'origin_certificate.destination') AS destination,
       yuan(greatest(500000, round(sales_fen * 0.2 * (0.3 + u(firm, t, 'origin_certificate.value'))))::BIGINT) AS value_yuan, on_day AS issued_on,
       one_of(['是', '是', '是', '是', '否'], firm, t, 'origin_certificate.self_printed') AS self_printed
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'origin_certificate.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('A', 'C', 'F') AND m.sales_fen > 0 AND u(m.firm, 0, 'exporter') < CASE w.section WHEN 'C' THEN 0.14 ELSE 0.04 END * exp(0.3 * w.log_size) AND u(m.firm, m.t, 'exports') < 0.75
      AND u(m.firm, m.t, 'origin_certificate') < 0.5
)

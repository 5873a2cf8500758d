-- One row per penalty of a firm that trades abroad.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       left(city_name, 1) || '关缉违字〔' || strftime(on_day, '%Y') || '〕' || digits8(firm, 38021692) || lpad(t::VARCHAR, 2, '0') || '号' AS decision_no,
       one_of(['申报不实', '申报不实', '申报不实', '申报不实', '申报不实', '申报不实', '申报不实', '申报不实', '申报不实', '申报不实', '违反加工贸易监管规定', '违反加工贸易监管规定', '擅自转让监管货物', '侵犯知识产权货物'], firm, t, 'customs_penalty.conduct') AS conduct,
       yuan(round(2200 * exp(1 * z(firm, t, 'customs_penalty.goods_value_yuan')))::BIGINT * 10000) AS goods_value_yuan,
       yuan(round(240 * exp(0.9 * z(firm, t, 'customs_penalty.fine_yuan')))::BIGINT * 10000) AS fine_yuan, on_day AS decided_on,
       left(city_name, 2) || '海关' AS authority
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'customs_penalty.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'F') AND u(w.firm, 0, 'exporter') < CASE w.section WHEN 'C' THEN 0.28 ELSE 0.08 END * exp(0.3 * w.log_size)
      AND u(m.firm, m.t, 'customs_penalty') < least(0.4, 0.006 * exp(-0.5 * m.h))
)

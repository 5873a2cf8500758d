-- One row per standard that a firm declares.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       'Q/LA' || digits8(firm, 36818309) || ' ' || lpad(t::VARCHAR, 3, '0') || '-' || year(on_day) AS standard_no,
       one_of(words, firm, t, 'standard_disclosure.word') || one_of(['产品', '技术要求', '检验规程', '服务规范'], firm, t, 'standard_disclosure.title') AS title,
       one_of(words, firm, t, 'standard_disclosure.word') AS product, on_day AS published_on,
       one_of(['现行', '现行', '现行', '现行', '现行', '现行', '现行', '废止'], firm, t, 'standard_disclosure.state') AS state
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'standard_disclosure.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('A', 'C', 'H', 'I')
      AND u(m.firm, m.t, 'standard_disclosure') < least(0.4, 0.004 * exp(0.3 * m.h))
)

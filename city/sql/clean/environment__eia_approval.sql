-- One row per project approved; firms build when they are sound.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       left(county_name, 2) || '环审〔' || strftime(on_day, '%Y') || '〕' || digits8(firm, 60258721) || lpad(t::VARCHAR, 2, '0') || '号' AS approval_no,
       '年产' || (1 + pick(50, firm, t, 'eia_approval.size')) || '万件' || words[1] || one_of(['项目', '技改项目', '扩建项目'], firm, t, 'eia_approval.project') AS project_name,
       one_of(['报告书', '报告表', '报告表', '报告表', '报告表', '报告表', '报告表', '报告表'], firm, t, 'eia_approval.document') AS document, investment AS investment_wan,
       (investment * (2 + pick(12, firm, t, 'eia_approval.protection')) / 100)::DECIMAL(18, 4) AS protection_wan, on_day AS approved_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'eia_approval.day')::INTEGER)::DATE AS on_day,
           wan(round(m.base_sales * (3 + 20 * u(m.firm, m.t, 'eia_approval.investment')))::BIGINT) AS investment
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'A') AND m.h > -1
      AND u(m.firm, m.t, 'eia_approval') < least(0.4, 0.0045 * exp(0.35 * m.h))
)

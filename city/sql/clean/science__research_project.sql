-- One row per project, again when it is accepted.
SELECT firm AS _firm, unnest(versions(on_day, accepted)) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       year(on_day) || 'LAKJ' || digits8(firm, 19330465) || lpad(t::VARCHAR, 2, '0') AS project_no,
       one_of(words, firm, t, 'research_project.word') || one_of(['关键技术研究', '智能化改造研究', '新产品研发', '绿色工艺研究'], firm, t, 'research_project.project_name') AS project_name,
       one_of(['国家级', '省级', '省级', '省级', '省级', '市级', '市级', '市级', '市级', '市级', '市级', '市级', '市级', '市级', '市级'], firm, t, 'research_project.tier') AS tier,
       wan(round(25 * exp(0.8 * z(firm, t, 'research_project.grant_wan')))::BIGINT * 1000000) AS grant_wan, partner_name AS leader,
       on_day AS approved_on,
       CASE WHEN told(accepted, _known_on) IS NOT NULL THEN one_of(['通过', '通过', '通过', '通过', '通过', '通过', '通过', '通过', '不通过', '终止'], firm, t, 'research_project.outcome') END AS outcome,
       told(accepted, _known_on) AS accepted_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'research_project.day')::INTEGER)::DATE AS on_day,
           (on_day + 500 + pick(400, m.firm, m.t, 'research_project.accepted')::INTEGER)::DATE AS accepted
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'I', 'M', 'A') AND m.h > -0.5
      AND u(m.firm, m.t, 'research_project') < least(0.4, 0.0025 * exp(0.5 * m.h))
)

-- One row per research centre recognised.
SELECT firm AS _firm, known(issued_on) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       'LAPT' || year(issued_on) || digits8(firm, 71104579) AS platform_no, city_name || words[1] || kind_drawn AS platform_name, kind_drawn AS kind,
       CASE WHEN log_size > 1.8 THEN '省级' ELSE '市级' END AS tier,
       wan(round(150 * exp(0.8 * z(firm, 0, 'research_platform.investment_wan')))::BIGINT * 1000000) AS investment_wan,
       (5 + pick(56, firm, k, 'research_platform.researchers')) AS researchers, issued_on AS recognised_on
FROM (
    SELECT w.*, 0 AS k, (born + 800 + pick(180, w.firm, 0, 'research_platform.day')::INTEGER)::DATE AS issued_on,
           one_of(['工程技术研究中心', '工程技术研究中心', '企业技术中心', '企业技术中心', '企业技术中心', '重点实验室', '技术创新中心'], w.firm, 0, 'research_platform.kind') AS kind_drawn
    FROM who w
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'I') AND w.log_size > 0
      AND u(w.firm, 0, 'research_platform') < 0.06 * exp(0.5 * w.mu)
)
WHERE issued_on BETWEEN DATE '2012-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

-- One row per plan; it is revised every three years.
SELECT firm AS _firm, known(issued_on) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       division_code || '-' || year(issued_on) || '-' || digits8(firm, 14181119) || '-' || CASE level WHEN '重大' THEN 'H' WHEN '较大' THEN 'M' ELSE 'L' END AS filing_no,
       level AS risk_level, partner_name AS contact, issued_on AS filed_on, valid_until AS revise_by, county_name || '生态环境分局' AS authority
FROM (
    SELECT w.*, k, (born + 300 + pick(180, w.firm, k, 'emergency_plan.day')::INTEGER + to_years(3 * k::INTEGER))::DATE AS issued_on,
           (issued_on + INTERVAL 3 YEAR - INTERVAL 1 DAY)::DATE AS valid_until,
           CASE WHEN u(w.firm, 0, 'emergency_plan.level') < 0.75 THEN '一般' WHEN u(w.firm, 0, 'emergency_plan.level') < 0.96 THEN '较大' ELSE '重大' END AS level
    FROM who w CROSS JOIN range(8) r(k)
    WHERE w.kind = 'enterprise'
      AND w.section = 'C'
      AND u(w.firm, 0, 'emergency_plan') < 0.3 * exp(0.2 * w.mu)
      AND (k = 0 OR u(w.firm, k, 'emergency_plan.renewed') < 0.8)
)
WHERE issued_on BETWEEN DATE '2018-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

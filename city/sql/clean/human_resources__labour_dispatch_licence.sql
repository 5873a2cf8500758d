-- One row per licence of a labour agency; it is good for three years.
SELECT firm AS _firm, known(issued_on) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name, head_name AS legal_person,
       division_code || strftime(issued_on, '%Y') || digits8(firm, 64527864) AS licence_no, issued_on, valid_until,
       greatest(200, capital_wan)::DECIMAL(18, 4) AS capital_wan, (15 + pick(586, firm, k, 'labour_dispatch_licence.dispatched')) AS dispatched,
       county_name || '人力资源和社会保障局' AS authority
FROM (
    SELECT w.*, k, (born + 60 + pick(180, w.firm, k, 'labour_dispatch_licence.day')::INTEGER + to_years(3 * k::INTEGER))::DATE AS issued_on,
           (issued_on + INTERVAL 3 YEAR - INTERVAL 1 DAY)::DATE AS valid_until
    FROM who w CROSS JOIN range(8) r(k)
    WHERE w.kind = 'enterprise'
      AND w.industry_code = 'L7263'
      AND u(w.firm, 0, 'labour_dispatch_licence') < 0.85 * exp(0.1 * w.mu)
      AND (k = 0 OR u(w.firm, k, 'labour_dispatch_licence.renewed') < 0.93)
)
WHERE issued_on BETWEEN DATE '2017-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

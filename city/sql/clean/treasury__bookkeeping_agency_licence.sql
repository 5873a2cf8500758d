-- One row per firm that keeps other firms' books.
SELECT firm AS _firm, known(issued_on) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       'DLJZ' || division_code || strftime(issued_on, '%Y') || digits8(firm, 26325660) AS licence_no, issued_on AS licensed_on, head_name,
       (3 + pick(13, firm, k, 'bookkeeping_agency_licence.staff')) AS staff,
       (10 + pick(391, firm, k, 'bookkeeping_agency_licence.clients')) AS clients,
       yuan(round(4000 * exp(0.7 * z(firm, 0, 'bookkeeping_agency_licence.business_revenue_yuan')))::BIGINT * 10000) AS business_revenue_yuan,
       greatest(year(issued_on), 2021) AS filed_year
FROM (
    SELECT w.*, 0 AS k, (born + 90 + pick(180, w.firm, 0, 'bookkeeping_agency_licence.day')::INTEGER)::DATE AS issued_on
    FROM who w
    WHERE w.kind = 'enterprise'
      AND w.section IN ('L', 'M')
      AND u(w.firm, 0, 'bookkeeping_agency_licence') < 0.1 * exp(0.2 * w.mu)
)
WHERE issued_on BETWEEN DATE '2005-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

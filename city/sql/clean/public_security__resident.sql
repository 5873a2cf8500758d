-- One row per resident. Heads of young firms come with the quarter before the firm; a tenth of those without a firm come later too.
SELECT NULL::BIGINT AS _firm,
       CASE WHEN w.born > DATE '2022-04-01' THEN known(w.born - 95)
            WHEN p.id > 3 * firms() AND u(p.id, 0, 'moves.in') < 0.3 THEN known(DATE '2022-01-01' + pick(1700, p.id, 0, 'moved.in')::INTEGER)
            ELSE known(DATE '2022-01-01') END AS _known_on,
       p.resident_id, p.name AS person_name, p.division_code
FROM person p LEFT JOIN who w ON w.firm = p.id AND w.head = p.id

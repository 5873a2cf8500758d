-- What a firm invented, and whether it is certified as a high-tech enterprise.
-- One row per spine row; 0 for a firm without any, missing while the catalogue was never delivered.
-- From linked.science__patent (granted in the 36 months up to as_of) and high_tech_certificate (valid on as_of), as known on as_of.
WITH delivered AS (
    SELECT (SELECT min(_known_on) FROM linked.science__patent)                AS patent_on,
           (SELECT min(_known_on) FROM linked.science__high_tech_certificate) AS certificate_on
),
patents AS (
    SELECT s.firm_id, s.as_of, count(DISTINCT p.patent_no) AS n
    FROM spine s
    JOIN linked.science__patent p
      ON p.firm_id = s.firm_id
     AND p._known_on <= s.as_of
     AND (p._superseded_on IS NULL OR p._superseded_on > s.as_of)
     AND p.granted_on <= s.as_of
     AND p.granted_on > s.as_of_36m
    GROUP BY ALL
),
certificates AS (
    SELECT s.firm_id, s.as_of, count(*) AS n
    FROM spine s
    JOIN linked.science__high_tech_certificate c
      ON c.firm_id = s.firm_id
     AND c._known_on <= s.as_of
     AND (c._superseded_on IS NULL OR c._superseded_on > s.as_of)
     AND c.certified_on <= s.as_of
     AND (c.valid_until IS NULL OR c.valid_until >= s.as_of)
    GROUP BY ALL
)
SELECT s.firm_id,
       s.as_of,
       CASE WHEN d.patent_on <= s.as_of THEN CAST(coalesce(p.n, 0) AS DOUBLE) END                AS patents_36m,
       CASE WHEN d.certificate_on <= s.as_of THEN CASE WHEN c.n > 0 THEN 1.0 ELSE 0.0 END END    AS high_tech_certified
FROM spine s
CROSS JOIN delivered d
LEFT JOIN patents p      ON p.firm_id = s.firm_id AND p.as_of = s.as_of
LEFT JOIN certificates c ON c.firm_id = s.firm_id AND c.as_of = s.as_of

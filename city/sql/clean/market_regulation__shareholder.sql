-- One row per enterprise and shareholder: whoever heads it first, mostly a partner, sometimes another enterprise of the city.
WITH share AS (
    SELECT w.*, u(w.firm, 0, 'sole') < 0.15 AS sole, 51 + pick(44, w.firm, 0, 'share') AS head_pct,
           u(w.firm, 0, 'parent') < 0.06 AND w.firm > 30 AS has_parent, pick(w.firm, w.firm, 0, 'parent.of') + 1 AS parent
    FROM who w WHERE w.kind = 'enterprise'
)
SELECT s.firm AS _firm, known(s.born) AS _known_on, s.usci, name_on(s.born, s.renamed_on, s.old_name, s.name) AS firm_name,
       s.head_name AS shareholder_name, '自然人' AS shareholder_kind, s.head_id AS shareholder_id_no,
       (s.capital_wan * CASE WHEN sole THEN 100 ELSE head_pct END / 100.0)::DECIMAL(18, 4) AS amount_wan,
       CASE WHEN sole THEN 100 ELSE head_pct END::DOUBLE AS share_pct, s.born AS since_on
FROM share s
UNION ALL
SELECT s.firm, known(s.born), s.usci, name_on(s.born, s.renamed_on, s.old_name, s.name),
       CASE WHEN p.firm IS NULL THEN s.partner_name ELSE p.name END, CASE WHEN p.firm IS NULL THEN '自然人' ELSE '企业' END,
       CASE WHEN p.firm IS NULL THEN s.partner_id ELSE p.usci END, (s.capital_wan * (100 - head_pct) / 100.0)::DECIMAL(18, 4), (100 - head_pct)::DOUBLE, s.born
FROM share s LEFT JOIN who p ON s.has_parent AND p.firm = s.parent AND p.kind = 'enterprise' AND p.firm <> s.firm AND p.born < s.born
WHERE NOT sole AND s.partner_name <> s.head_name

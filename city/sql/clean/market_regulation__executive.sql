-- One row per enterprise, person and post; a successor adds a row.
SELECT firm AS _firm, known(since_on) AS _known_on, usci, name_on(since_on, renamed_on, old_name, name) AS firm_name, person_name, person_id, position, since_on
FROM (
    SELECT *, head_name AS person_name, head_id AS person_id, '执行董事兼总经理' AS position, born AS since_on FROM who WHERE kind = 'enterprise'
    UNION ALL
    SELECT *, partner_name, partner_id, '监事', born FROM who WHERE kind = 'enterprise' AND partner_name <> head_name
    UNION ALL
    SELECT *, successor_name, successor_id, '执行董事兼总经理', head_changed_on FROM who WHERE head_changed_on IS NOT NULL AND successor_name <> head_name
)

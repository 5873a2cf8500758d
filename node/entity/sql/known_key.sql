-- The keys by which firms are found: one row per firm and key, most being how many firms may share a key of its kind before it says nothing. From
-- a table of firms and one of names, as reference.sql makes them. Records have the same keys in candidate.sql.
    SELECT firm_id, hash('u1', substr(usci, 9, 5)) AS key, 64 AS most FROM {{known}} WHERE len(usci) = 18
    UNION ALL SELECT firm_id, hash('u2', right(usci, 5)) AS key, 64 AS most FROM {{known}} WHERE len(usci) = 18
    UNION ALL SELECT firm_id, hash('u3', left(usci, 13)) AS key, 64 AS most FROM {{known}} WHERE len(usci) = 18
    UNION ALL SELECT firm_id, hash('u4', substr(usci, 9, 4) || right(usci, 4)) AS key, 64 AS most FROM {{known}} WHERE len(usci) = 18
    UNION ALL SELECT firm_id, hash('o1', left(org_code, 5)) AS key, 64 AS most FROM {{known}} WHERE len(org_code) = 9
    UNION ALL SELECT firm_id, hash('o2', right(org_code, 5)) AS key, 64 AS most FROM {{known}} WHERE len(org_code) = 9
    UNION ALL SELECT firm_id, hash('o3', left(org_code, 3) || right(org_code, 3)) AS key, 64 AS most FROM {{known}} WHERE len(org_code) = 9
    UNION ALL SELECT firm_id, hash('r1', left(reg_no, 10)) AS key, 64 AS most FROM {{known}} WHERE len(reg_no) = 15
    UNION ALL SELECT firm_id, hash('r2', right(reg_no, 5)) AS key, 64 AS most FROM {{known}} WHERE len(reg_no) = 15
    UNION ALL SELECT firm_id, hash('r3', left(reg_no, 9) || right(reg_no, 4)) AS key, 64 AS most FROM {{known}} WHERE len(reg_no) = 15
    UNION ALL SELECT firm_id, hash('p', person_id) AS key, 64 AS most FROM {{known}} WHERE person_id IS NOT NULL
    UNION ALL SELECT firm_id, hash('n', full_name) AS key, 16 AS most FROM {{name}}
    UNION ALL SELECT firm_id, hash('c', core) AS key, 16 AS most FROM {{name}}
    UNION ALL SELECT firm_id, hash('s', sound) AS key, 16 AS most FROM {{name}}
    UNION ALL SELECT k.firm_id, hash('l', k.legal_person, left(n.sound, 1)) AS key, 64 AS most FROM {{known}} k JOIN {{name}} n USING (firm_id) WHERE k.legal_person IS NOT NULL
    UNION ALL SELECT k.firm_id, hash('m', k.legal_person, right(n.sound, 2)) AS key, 64 AS most FROM {{known}} k JOIN {{name}} n USING (firm_id) WHERE k.legal_person IS NOT NULL
    UNION ALL SELECT k.firm_id, hash('h', k.house, left(n.sound, 1)) AS key, 64 AS most FROM {{known}} k JOIN {{name}} n USING (firm_id) WHERE k.house IS NOT NULL
    UNION ALL SELECT firm_id, hash('a', address) AS key, 64 AS most FROM {{known}} WHERE address IS NOT NULL
    UNION ALL SELECT firm_id, hash('t', division, trade) AS key, 16 AS most FROM {{name}} WHERE division <> ''

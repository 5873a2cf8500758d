-- The firms that an open record could mean: one row per record and firm in candidate. Every join is on equality of keys computed before; a key
-- that more than 64 firms share says nothing and is left out.

-- One row per record and key. One wrong character, two swapped ones, or one lost or added leave one half of a code, or its two ends, as they were.
CREATE OR REPLACE TEMP TABLE open_key AS
SELECT DISTINCT probe_id, key FROM (
    SELECT probe_id, hash('u1', substr(usci, 9, 5)) AS key FROM open_probe WHERE len(usci) BETWEEN 13 AND 20
    UNION ALL SELECT probe_id, hash('u2', right(usci, 5)) FROM open_probe WHERE len(usci) BETWEEN 9 AND 20
    UNION ALL SELECT probe_id, hash('u3', left(usci, 13)) FROM open_probe WHERE len(usci) BETWEEN 13 AND 20
    UNION ALL SELECT probe_id, hash('u4', substr(usci, 9, 4) || right(usci, 4)) FROM open_probe WHERE len(usci) = 18
    UNION ALL SELECT probe_id, hash('o1', left(org, 5)) FROM open_probe WHERE len(org) = 9
    UNION ALL SELECT probe_id, hash('o2', right(org, 5)) FROM open_probe WHERE len(org) = 9
    UNION ALL SELECT probe_id, hash('o3', left(org, 3) || right(org, 3)) FROM open_probe WHERE len(org) = 9 AND len(usci) IS DISTINCT FROM 18
    UNION ALL SELECT probe_id, hash('o2', right(usci, 5)) FROM open_probe WHERE len(usci) BETWEEN 8 AND 10
    UNION ALL SELECT probe_id, hash('r1', left(reg_no, 10)) FROM open_probe WHERE len(reg_no) >= 14
    UNION ALL SELECT probe_id, hash('r2', right(reg_no, 5)) FROM open_probe WHERE len(reg_no) >= 14
    UNION ALL SELECT probe_id, hash('r3', left(reg_no, 9) || right(reg_no, 4)) FROM open_probe WHERE len(reg_no) = 15
    UNION ALL SELECT probe_id, hash('p', person_id) FROM open_probe WHERE person_id IS NOT NULL
    UNION ALL SELECT probe_id, hash('n', full_name) FROM open_probe WHERE full_name IS NOT NULL
    UNION ALL SELECT probe_id, hash('c', core) FROM open_probe WHERE core IS NOT NULL
    UNION ALL SELECT probe_id, hash('s', sound) FROM open_probe WHERE sound IS NOT NULL
    UNION ALL SELECT probe_id, hash('l', legal_person, left(sound, 1)) FROM open_probe WHERE legal_person IS NOT NULL AND sound IS NOT NULL
    UNION ALL SELECT probe_id, hash('m', legal_person, right(sound, 2)) FROM open_probe WHERE legal_person IS NOT NULL AND sound IS NOT NULL
    UNION ALL SELECT probe_id, hash('h', house, left(sound, 1)) FROM open_probe WHERE house IS NOT NULL AND sound IS NOT NULL
    UNION ALL SELECT probe_id, hash('a', address) FROM open_probe WHERE address IS NOT NULL
    -- A reading with the industry or a part of it left out, or added.
    UNION ALL SELECT probe_id, hash('t', division, trade) FROM open_probe WHERE trade IS NOT NULL AND division <> ''
);

-- One row per firm and key that some record has.
CREATE OR REPLACE TEMP TABLE known_key AS
WITH every AS (
    SELECT firm_id, hash('u1', substr(usci, 9, 5)) AS key FROM known WHERE len(usci) = 18
    UNION ALL SELECT firm_id, hash('u2', right(usci, 5)) FROM known WHERE len(usci) = 18
    UNION ALL SELECT firm_id, hash('u3', left(usci, 13)) FROM known WHERE len(usci) = 18
    UNION ALL SELECT firm_id, hash('u4', substr(usci, 9, 4) || right(usci, 4)) FROM known WHERE len(usci) = 18
    UNION ALL SELECT firm_id, hash('o1', left(org_code, 5)) FROM known WHERE len(org_code) = 9
    UNION ALL SELECT firm_id, hash('o2', right(org_code, 5)) FROM known WHERE len(org_code) = 9
    UNION ALL SELECT firm_id, hash('o3', left(org_code, 3) || right(org_code, 3)) FROM known WHERE len(org_code) = 9
    UNION ALL SELECT firm_id, hash('r1', left(reg_no, 10)) FROM known WHERE len(reg_no) = 15
    UNION ALL SELECT firm_id, hash('r2', right(reg_no, 5)) FROM known WHERE len(reg_no) = 15
    UNION ALL SELECT firm_id, hash('r3', left(reg_no, 9) || right(reg_no, 4)) FROM known WHERE len(reg_no) = 15
    UNION ALL SELECT firm_id, hash('p', person_id) FROM known WHERE person_id IS NOT NULL
    UNION ALL SELECT firm_id, hash('n', full_name) FROM known_name
    UNION ALL SELECT firm_id, hash('c', core) FROM known_name
    UNION ALL SELECT firm_id, hash('s', sound) FROM known_name
    UNION ALL SELECT k.firm_id, hash('l', k.legal_person, left(n.sound, 1)) FROM known k JOIN known_name n USING (firm_id) WHERE k.legal_person IS NOT NULL
    UNION ALL SELECT k.firm_id, hash('m', k.legal_person, right(n.sound, 2)) FROM known k JOIN known_name n USING (firm_id) WHERE k.legal_person IS NOT NULL
    UNION ALL SELECT k.firm_id, hash('h', k.house, left(n.sound, 1)) FROM known k JOIN known_name n USING (firm_id) WHERE k.house IS NOT NULL
    UNION ALL SELECT firm_id, hash('a', address) FROM known WHERE address IS NOT NULL
    UNION ALL SELECT firm_id, hash('t', division, trade) FROM known_name WHERE division <> ''
)
SELECT key, list(DISTINCT firm_id) AS firms FROM every WHERE key IN (SELECT key FROM open_key) GROUP BY key
HAVING len(firms) <= 64;

CREATE OR REPLACE TEMP TABLE candidate AS
SELECT DISTINCT probe_id, firm_id FROM (
    SELECT o.probe_id, unnest(k.firms) AS firm_id FROM open_key o JOIN known_key k USING (key)
    UNION ALL
    SELECT probe_id, firm_id FROM hit WHERE probe_id IN (SELECT probe_id FROM open_probe)
);

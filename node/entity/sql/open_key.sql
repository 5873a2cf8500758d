-- open_key: one row per open record and key, the same keys as firms have in known_key.sql. One wrong character, two swapped ones, or one lost or
-- added leave one half of a code, or its two ends, as they were.
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

-- The later stages: firms that a record not yet settled could mean. Every join is on equality of keys computed before; a key that more than 64
-- firms share says nothing and is left out.

CREATE OR REPLACE TEMP TABLE open_probe AS
SELECT *,
       valid_usci(usci)                  AS usci_valid,
       valid_reg(reg_no)                 AS reg_valid,
       valid_org(org_code)               AS org_valid,
       valid_org(substr(tax_no, 7, 9))   AS tax_valid
FROM given
WHERE probe_id NOT IN (SELECT probe_id FROM answer);

-- One row per firm and key. One wrong character, two swapped ones, or one lost or added leave one half of a code, or its two ends, as they were,
-- and leave a name as it was but for one character.
CREATE OR REPLACE TEMP TABLE known_key AS
WITH every AS (
    SELECT firm_id, 'u1' || substr(usci, 9, 5) AS key FROM known WHERE len(usci) = 18
    UNION ALL SELECT firm_id, 'u2' || right(usci, 5) FROM known WHERE len(usci) = 18
    UNION ALL SELECT firm_id, 'u3' || left(usci, 13) FROM known WHERE len(usci) = 18
    UNION ALL SELECT firm_id, 'u4' || substr(usci, 9, 4) || right(usci, 4) FROM known WHERE len(usci) = 18
    UNION ALL SELECT firm_id, 'o2' || right(org_code, 5) FROM known WHERE len(org_code) = 9
    UNION ALL SELECT firm_id, 'o3' || left(org_code, 3) || right(org_code, 3) FROM known WHERE len(org_code) = 9
    UNION ALL SELECT firm_id, 'r1' || left(reg_no, 10) FROM known WHERE len(reg_no) = 15
    UNION ALL SELECT firm_id, 'r2' || right(reg_no, 5) FROM known WHERE len(reg_no) = 15
    UNION ALL SELECT firm_id, 'r3' || left(reg_no, 9) || right(reg_no, 4) FROM known WHERE len(reg_no) = 15
    UNION ALL SELECT firm_id, 'p' || person_id FROM known WHERE person_id IS NOT NULL
    UNION ALL SELECT firm_id, 'n' || full_name FROM known_name
    UNION ALL SELECT firm_id, 'c' || core FROM known_name
    UNION ALL SELECT k.firm_id, 'l' || k.legal_person || left(n.core, 1) FROM known k JOIN known_name n USING (firm_id) WHERE k.legal_person IS NOT NULL
    UNION ALL SELECT k.firm_id, 'm' || k.legal_person || right(n.core, 2) FROM known k JOIN known_name n USING (firm_id) WHERE k.legal_person IS NOT NULL
    UNION ALL SELECT firm_id, 'a' || address FROM known WHERE address IS NOT NULL
    UNION ALL
    SELECT firm_id, 'd' || left(core, place - 1) || '_' || substr(core, place + 1)
    FROM (SELECT firm_id, core, unnest(range(1, len(core) + 1)) AS place FROM known_name WHERE len(core) BETWEEN 3 AND 24)
    UNION ALL
    SELECT firm_id, 'e' || left(core, place - 1) || substr(core, place + 1)
    FROM (SELECT firm_id, core, unnest(range(1, len(core) + 1)) AS place FROM known_name WHERE len(core) BETWEEN 4 AND 24)
    UNION ALL SELECT firm_id, 'e' || core FROM known_name WHERE len(core) >= 3
)
SELECT DISTINCT firm_id, key FROM every
QUALIFY count(*) OVER (PARTITION BY key) <= 64;

CREATE OR REPLACE TEMP TABLE open_key AS
SELECT probe_id, 'u1' || substr(usci, 9, 5) AS key FROM open_probe WHERE len(usci) >= 13
UNION SELECT probe_id, 'u2' || right(usci, 5) FROM open_probe WHERE len(usci) >= 9
UNION SELECT probe_id, 'u3' || left(usci, 13) FROM open_probe WHERE len(usci) >= 13
UNION SELECT probe_id, 'u4' || substr(usci, 9, 4) || right(usci, 4) FROM open_probe WHERE len(usci) = 18
UNION SELECT probe_id, 'u1' || substr(tax_no, 7, 5) FROM open_probe WHERE tax_no IS NOT NULL
UNION SELECT probe_id, 'o2' || right(tax_no, 5) FROM open_probe WHERE tax_no IS NOT NULL
UNION SELECT probe_id, 'o3' || substr(tax_no, 7, 3) || right(tax_no, 3) FROM open_probe WHERE len(tax_no) = 15
UNION SELECT probe_id, 'u1' || left(org_code, 5) FROM open_probe WHERE len(org_code) BETWEEN 8 AND 10
UNION SELECT probe_id, 'o2' || right(org_code, 5) FROM open_probe WHERE len(org_code) BETWEEN 8 AND 10
UNION SELECT probe_id, 'o3' || left(org_code, 3) || right(org_code, 3) FROM open_probe WHERE len(org_code) = 9
UNION SELECT probe_id, 'r1' || left(reg_no, 10) FROM open_probe WHERE len(reg_no) >= 14
UNION SELECT probe_id, 'r2' || right(reg_no, 5) FROM open_probe WHERE len(reg_no) >= 14
UNION SELECT probe_id, 'r3' || left(reg_no, 9) || right(reg_no, 4) FROM open_probe WHERE len(reg_no) = 15
UNION SELECT probe_id, 'p' || person_id FROM open_probe WHERE person_id IS NOT NULL
UNION SELECT probe_id, 'n' || full_name FROM open_probe WHERE full_name IS NOT NULL
UNION SELECT probe_id, 'c' || core FROM open_probe WHERE core IS NOT NULL
UNION SELECT probe_id, 'l' || legal_person || left(core, 1) FROM open_probe WHERE legal_person IS NOT NULL AND core IS NOT NULL
UNION SELECT probe_id, 'm' || legal_person || right(core, 2) FROM open_probe WHERE legal_person IS NOT NULL AND core IS NOT NULL
UNION SELECT probe_id, 'a' || address FROM open_probe WHERE address IS NOT NULL
UNION
SELECT probe_id, 'd' || left(core, place - 1) || '_' || substr(core, place + 1)
FROM (SELECT probe_id, core, unnest(range(1, len(core) + 1)) AS place FROM open_probe WHERE len(core) BETWEEN 3 AND 24)
UNION
SELECT probe_id, 'e' || left(core, place - 1) || substr(core, place + 1)
FROM (SELECT probe_id, core, unnest(range(1, len(core) + 1)) AS place FROM open_probe WHERE len(core) BETWEEN 4 AND 24)
UNION SELECT probe_id, 'e' || core FROM open_probe WHERE len(core) >= 3;

-- One row per record and firm to compare.
CREATE OR REPLACE TEMP TABLE candidate AS
SELECT o.probe_id, k.firm_id FROM open_key o JOIN known_key k USING (key)
UNION
SELECT probe_id, firm_id FROM hit WHERE probe_id IN (SELECT probe_id FROM open_probe);

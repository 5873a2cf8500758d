-- Links and doubts among the weighed pairs. answer gains one row per record that is linked; doubt has one per record that a steward should see:
-- its best candidate and the next, and why it was not linked (weak: too little speaks for it; several: as much speaks for another; conflict: a rule
-- keeps it; contradicted: it is linked by its code, but its full name is another's).
CREATE OR REPLACE TEMP TABLE ranked AS
SELECT *, row_number() OVER rank AS place, lead(firm_id) OVER rank AS second_id, lead(share) OVER rank AS second_share,
       max(CASE WHEN name = 1 THEN firm_id END) OVER (PARTITION BY probe_id) AS namesake_id
FROM weighed
WINDOW rank AS (PARTITION BY probe_id ORDER BY share DESC, bits DESC, firm_id)
QUALIFY place = 1;

INSERT INTO answer
SELECT probe_id, firm_id,
       CASE WHEN firm_code = 1 THEN 'firm_code'
            WHEN code = 1 THEN 'usci'
            WHEN code = 2 THEN 'org_code'
            WHEN reg = 1 THEN 'reg_no'
            WHEN code = 3 THEN 'usci_repaired'
            WHEN reg = 3 THEN 'code_repaired'
            WHEN operator = 1 THEN 'operator'
            WHEN code IN (4, 5) OR reg = 5 THEN 'code_and_name'
            WHEN person IN (1, 2) THEN 'name_and_person'
            WHEN address IN (1, 2) THEN 'name_and_address'
            WHEN former THEN 'former_name'
            ELSE 'full_name' END AS rule,
       round(share, 6) AS confidence
FROM ranked
WHERE share >= link_share() AND linkable;

CREATE OR REPLACE TEMP TABLE doubt AS
SELECT probe_id, firm_id, round(share, 6) AS share, bits, CASE WHEN second_share >= doubt_share() THEN second_id END AS second_id,
       CASE WHEN share >= link_share() AND linkable THEN 'contradicted'
            WHEN second_share >= doubt_share() THEN 'several'
            WHEN NOT linkable THEN 'conflict'
            ELSE 'weak' END AS why
FROM ranked
WHERE share >= doubt_share() AND NOT (share >= link_share() AND linkable)
   OR share >= link_share() AND linkable AND code = 1 AND name >= 8 AND namesake_id <> firm_id;

-- A branch that the register does not hold itself is its head office's: the one enterprise that bears the name before the branch's tail.
INSERT INTO answer
SELECT o.probe_id, min(n.firm_id), 'branch', 0.98
FROM open_probe o
JOIN known_name n ON n.full_name = o.head
WHERE o.head <> '' AND n.kind = 'enterprise' AND n.division <> '' AND o.probe_id NOT IN (SELECT probe_id FROM answer)
GROUP BY o.probe_id
HAVING count(DISTINCT n.firm_id) = 1;
DELETE FROM doubt WHERE why <> 'contradicted' AND probe_id IN (SELECT probe_id FROM answer);

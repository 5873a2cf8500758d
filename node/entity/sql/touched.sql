-- What a change of the register can touch. From entity.firm and entity.name and what they were before (firm_before, name_before), and what
-- register.sql found: merged (gone, firm_id), parted (firm_id, left_id).

-- One row per firm that is new, gone, or says otherwise of who it is.
CREATE OR REPLACE TEMP TABLE touched AS
WITH after AS (SELECT firm_id, usci, reg_no, org_code, firm_code, firm_name, kind, division_code, address, legal_person, legal_person_id FROM entity.firm),
before AS (SELECT firm_id, usci, reg_no, org_code, firm_code, firm_name, kind, division_code, address, legal_person, legal_person_id FROM firm_before)
SELECT firm_id FROM (FROM after EXCEPT FROM before)
UNION SELECT firm_id FROM (FROM before EXCEPT FROM after)
UNION SELECT firm_id FROM (FROM entity.name EXCEPT FROM name_before)
UNION SELECT firm_id FROM (FROM name_before EXCEPT FROM entity.name);

-- The history of a firm that merged moves to the firm that it is now.
INSERT INTO entity.change
SELECT {{run}}, {{known_on}}, 'merge', NULL, NULL, m.firm_id, m.gone, 'the register gives the keys of both to one firm' FROM merged m ORDER BY m.gone;
INSERT INTO entity.change
SELECT {{run}}, {{known_on}}, 'split', NULL, NULL, p.firm_id, p.left_id, 'the register gives the keys of one firm to two' FROM parted p ORDER BY p.firm_id;
UPDATE entity.link SET firm_id = m.firm_id FROM merged m WHERE entity.link.firm_id = m.gone;

CREATE OR REPLACE TEMP TABLE touched_known AS SELECT * FROM known WHERE firm_id IN (SELECT firm_id FROM touched);
CREATE OR REPLACE TEMP TABLE touched_name AS SELECT * FROM known_name WHERE firm_id IN (SELECT firm_id FROM touched);

-- Firms that share a code with a touched one: what a code alone settled for them is open again.
CREATE OR REPLACE TEMP TABLE neighbour AS
SELECT k.firm_id FROM known k JOIN touched_known t ON t.reg_no = k.reg_no AND t.firm_id <> k.firm_id
UNION SELECT k.firm_id FROM known k JOIN touched_known t ON t.org_code = k.org_code AND t.firm_id <> k.firm_id
UNION SELECT k.firm_id FROM known k JOIN touched_known t ON t.tax_no = k.tax_no AND t.firm_id <> k.firm_id
UNION SELECT k.firm_id FROM known k JOIN touched_known t ON t.person_id = k.person_id AND t.firm_id <> k.firm_id;

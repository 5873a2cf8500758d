-- What speaks for and against each candidate, in bits (log2 of how much likelier the agreement is for one firm than for two), after Fellegi and
-- Sunter: a field's bits are added up, the chance of meeting the firm among all is taken off, and a record is linked to its best firm when that
-- stands above the threshold and clearly before the second.
--
-- One row per record and candidate in weighed, one row per linked record added to answer. threshold() and margin() are given.
CREATE OR REPLACE TEMP TABLE compared AS
SELECT c.probe_id, c.firm_id,
       -- A code that is its firm's is nearly proof; one that a single slip parts from the firm's, and that its own check digit refuses, is
       -- repaired, whatever the number of firms; a code that is valid and another's speaks against.
       CASE WHEN g.usci IS NULL OR k.usci IS NULL THEN 0
            WHEN g.usci = k.usci THEN 30
            WHEN edits(g.usci, k.usci) = 1 THEN CASE WHEN g.usci_valid THEN 3 ELSE log2(known_firms()) + 8 END
            WHEN g.usci_valid THEN -14
            WHEN edits(g.usci, k.usci) = 2 THEN CASE WHEN letters(g.usci) = letters(k.usci) THEN log2(known_firms()) + 7 ELSE 9 END
            WHEN edits(g.usci, k.usci) = 3 THEN 5
            WHEN len(g.usci) BETWEEN 10 AND 17 AND (starts_with(k.usci, g.usci) OR ends_with(k.usci, g.usci)) THEN 10
            ELSE -4 END AS usci_bits,
       CASE WHEN g.reg_no IS NULL OR k.reg_no IS NULL THEN 0
            WHEN g.reg_no = k.reg_no THEN 24
            WHEN edits(g.reg_no, k.reg_no) = 1 THEN CASE WHEN g.reg_valid THEN 2 ELSE log2(known_firms()) + 6 END
            WHEN g.reg_valid THEN -6
            WHEN edits(g.reg_no, k.reg_no) = 2 THEN CASE WHEN letters(g.reg_no) = letters(k.reg_no) THEN log2(known_firms()) + 5.5 ELSE 6 END
            ELSE -2 END AS reg_bits,
       CASE WHEN g.org_code IS NULL OR k.org_code IS NULL THEN 0
            WHEN g.org_code = k.org_code THEN 24
            WHEN edits(g.org_code, k.org_code) = 1 THEN CASE WHEN g.org_valid THEN 2 ELSE log2(known_firms()) + 6 END
            WHEN g.org_valid THEN -8
            WHEN edits(g.org_code, k.org_code) = 2 THEN CASE WHEN letters(g.org_code) = letters(k.org_code) THEN log2(known_firms()) + 5.5 ELSE 5 END
            ELSE -2 END AS org_bits,
       CASE WHEN g.tax_no IS NULL OR k.tax_no IS NULL THEN 0
            WHEN g.tax_no = k.tax_no THEN 26
            WHEN substr(g.tax_no, 7, 9) = k.org_code THEN 22
            WHEN edits(g.tax_no, k.tax_no) = 1 THEN CASE WHEN g.tax_valid THEN 2 ELSE log2(known_firms()) + 6 END
            WHEN g.tax_valid THEN -8
            WHEN edits(g.tax_no, k.tax_no) = 2 THEN CASE WHEN letters(g.tax_no) = letters(k.tax_no) THEN log2(known_firms()) + 5.5 ELSE 6 END
            ELSE -2 END AS tax_bits,
       CASE WHEN g.firm_code IS NULL OR k.firm_code IS NULL THEN 0 WHEN g.firm_code = k.firm_code THEN 30 ELSE -14 END AS firm_code_bits,
       CASE WHEN g.person_id IS NULL OR k.person_id IS NULL THEN 0 WHEN g.person_id = k.person_id THEN log2(known_firms()) + 2 ELSE -4 END AS operator_bits,
       CASE WHEN g.legal_person IS NULL OR k.legal_person IS NULL THEN 0
            WHEN g.legal_person = k.legal_person THEN least(log2(known_firms() * 1.0 / p.headed), 9) - 0.5
            WHEN len(g.legal_person) = len(k.legal_person) AND len(k.legal_person) >= 3 AND alike(g.legal_person, k.legal_person) >= 0.6 THEN 0.5
            ELSE -2 END AS person_bits,
       CASE WHEN g.address IS NULL OR k.address IS NULL THEN 0
            WHEN g.address = k.address THEN least(log2(known_firms()), 10)
            WHEN len(g.address) >= 6 AND (contains(k.address, g.address) OR contains(g.address, k.address)) THEN 7
            WHEN alike(g.address, k.address) >= 0.85 THEN 4
            WHEN alike(g.address, k.address) >= 0.65 THEN 0
            ELSE -2 END AS address_bits,
       g.full_name, g.core
FROM candidate c
JOIN open_probe g USING (probe_id)
JOIN known k USING (firm_id)
LEFT JOIN known_person p ON p.legal_person = k.legal_person;

-- The name counts by the best of the firm's names. A full name that one enterprise alone bears, division and all, names it; an individual
-- business's name never does, because others outside the reference bear it too.
CREATE OR REPLACE TEMP TABLE weighed AS
WITH named AS (
    SELECT c.*, n.former, n.kind,
           CASE WHEN c.full_name IS NULL THEN 0
                WHEN n.full_name = c.full_name AND n.kind = 'individual' THEN log2(known_firms() * 1.0 / n.named) - 1
                WHEN n.full_name = c.full_name THEN log2(known_firms() * 1.0 / n.named) + CASE WHEN n.divided OR len(n.full_name) >= 8 THEN 8 ELSE 3 END
                WHEN n.core = c.core AND n.kind = 'individual' THEN log2(known_firms() * 1.0 / n.cored) - 2
                WHEN n.core = c.core THEN log2(known_firms() * 1.0 / n.cored) - 1
                WHEN len(n.core) >= 4 AND one_slip(n.core, c.core) THEN least(log2(known_firms()) - 3, CASE n.kind WHEN 'individual' THEN 6 ELSE 99 END)
                WHEN len(c.core) >= 2 AND (contains(n.core, c.core) OR contains(c.core, n.core)) THEN 3
                WHEN alike(n.core, c.core) >= 0.7 THEN 2
                WHEN alike(n.core, c.core) >= 0.4 THEN -1
                ELSE -4 END AS name_bits
    FROM compared c
    JOIN known_name n USING (firm_id)
),
best_name AS (
    SELECT * FROM named QUALIFY row_number() OVER (PARTITION BY probe_id, firm_id ORDER BY name_bits DESC, former) = 1
)
SELECT *, usci_bits + tax_bits + reg_bits + org_bits + firm_code_bits + operator_bits + person_bits + address_bits + name_bits - log2(known_firms()) AS bits
FROM best_name;

INSERT INTO answer
WITH ranked AS (
    SELECT *, row_number() OVER rank AS place, lead(bits) OVER rank AS second
    FROM weighed
    WINDOW rank AS (PARTITION BY probe_id ORDER BY bits DESC, firm_id)
)
SELECT probe_id, firm_id,
       CASE WHEN usci_bits = 30 THEN 'usci'
            WHEN firm_code_bits > 0 THEN 'firm_code'
            WHEN org_bits = 24 THEN 'org_code'
            WHEN tax_bits >= 22 THEN 'tax_no'
            WHEN reg_bits = 24 THEN 'reg_no'
            WHEN usci_bits >= 14 THEN 'usci_repaired'
            WHEN org_bits >= 12 OR tax_bits >= 12 OR reg_bits >= 12 THEN 'code_repaired'
            WHEN operator_bits > 0 THEN 'operator'
            WHEN usci_bits > 3 OR org_bits > 2 OR tax_bits > 2 OR reg_bits > 2 THEN 'code_and_name'
            WHEN person_bits > 1 AND name_bits > 0 THEN 'name_and_person'
            WHEN address_bits > 0 THEN 'name_and_address'
            WHEN former THEN 'former_name'
            ELSE 'full_name' END AS rule,
       confidence_of(least(bits, coalesce(bits - second, bits))) AS confidence
FROM ranked
WHERE place = 1 AND bits >= threshold() AND (second IS NULL OR bits - second >= margin());

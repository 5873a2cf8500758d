-- The first stage: records whose codes name one firm outright. From probe (one row per record), probe_spelling (one row per distinct name in it,
-- parsed) and the tables of reference.sql.

-- One row per record, its fields in normal form. taxpayer_id is a credit code, an operator's resident ID (with two digits after it, or not) or an
-- old tax number of 15, 17, 18 or 20 characters. org is the organisation code, alone or inside another number.
CREATE OR REPLACE TEMP TABLE given AS
WITH formed AS (
    SELECT probe_id,
           code_form(usci)        AS usci_given,
           code_form(taxpayer_id) AS taxpayer_id,
           code_form(reg_no)      AS reg_no,
           code_form(org_code)    AS org_given,
           code_form(firm_code)   AS firm_code,
           firm_name, legal_person AS person_written, address AS address_written
    FROM probe
),
told AS (
    SELECT *, CASE WHEN len(taxpayer_id) IN (18, 20) AND valid_resident(left(taxpayer_id, 18)) THEN left(taxpayer_id, 18) END AS person_id FROM formed
),
-- A number of 15 characters in the credit code's place is a registration number or a tax number, whichever it can be.
placed AS (
    SELECT * EXCLUDE (usci_given, reg_no),
           coalesce(CASE WHEN NOT old THEN usci_given END, CASE WHEN person_id IS NULL AND len(taxpayer_id) BETWEEN 17 AND 20 THEN taxpayer_id END) AS usci,
           coalesce(CASE WHEN person_id IS NULL AND len(taxpayer_id) BETWEEN 14 AND 16 THEN taxpayer_id END, CASE WHEN old AND valid_org(substr(usci_given, 7, 9)) THEN usci_given END) AS tax_no,
           coalesce(reg_no, CASE WHEN old AND NOT valid_org(substr(usci_given, 7, 9)) OR old AND valid_reg(usci_given) THEN usci_given END) AS reg_no
    FROM (SELECT *, coalesce(len(usci_given) = 15, false) AS old FROM told)
)
SELECT probe_id, usci, tax_no, reg_no, firm_code, person_id, firm_name, person_written, address_written,
       coalesce(org_given,
                CASE WHEN len(usci) = 18 THEN substr(usci, 9, 9)
                     WHEN len(usci) = 9 THEN usci
                     WHEN len(usci) IN (17, 20) THEN substr(usci, 7, 9) END,
                CASE WHEN len(tax_no) = 15 THEN substr(tax_no, 7, 9) END) AS org
FROM placed;

-- One row per record and code in it. A code counts wherever it was written: departments put one into the other's column.
CREATE OR REPLACE TEMP TABLE given_code AS
SELECT probe_id, usci AS code FROM given WHERE usci IS NOT NULL
UNION ALL SELECT probe_id, tax_no FROM given WHERE tax_no IS NOT NULL
UNION ALL SELECT probe_id, reg_no FROM given WHERE reg_no IS NOT NULL
UNION ALL SELECT probe_id, person_id FROM given WHERE person_id IS NOT NULL
UNION ALL SELECT probe_id, '#' || firm_code FROM given WHERE firm_code IS NOT NULL
UNION ALL SELECT probe_id, left(usci, 18) FROM given WHERE len(usci) = 20 AND valid_usci(left(usci, 18));

-- One row per record and firm that a code of it names. An organisation code counts by itself, or inside a number whose other parts are wrong or of an
-- older division; a valid credit code is taken at its word.
CREATE OR REPLACE TEMP TABLE hit AS
WITH whole AS (
    SELECT g.probe_id, k.firm_id, k.rule FROM given_code g JOIN known_code k ON k.code = g.code
),
inside AS (
    SELECT g.probe_id, k.firm_id, k.rule
    FROM given g JOIN known_code k ON k.code = g.org
    WHERE g.probe_id NOT IN (SELECT probe_id FROM whole WHERE rule = 'usci') AND valid_org(g.org) AND NOT coalesce(valid_usci(g.usci), false)
)
SELECT probe_id, firm_id, min_by(rule, list_position(['usci', 'firm_code', 'org_code', 'tax_no', 'reg_no', 'operator'], rule)) AS rule
FROM (FROM whole UNION ALL FROM inside)
GROUP BY ALL;

-- One row per record that is settled: its codes name one firm, and its name, where it has one, is one of the firm's.
CREATE OR REPLACE TEMP TABLE answer AS
WITH one AS (
    SELECT probe_id, min(firm_id) AS firm_id, min(rule) AS rule FROM hit GROUP BY probe_id HAVING count(*) = 1
)
SELECT DISTINCT o.probe_id, o.firm_id, o.rule, CASE WHEN s.text IS NULL THEN 0.99 ELSE 0.999 END AS confidence
FROM one o
JOIN given g USING (probe_id)
LEFT JOIN probe_spelling s ON s.text = g.firm_name
LEFT JOIN known_name n ON n.firm_id = o.firm_id AND n.core = s.core
WHERE s.text IS NULL OR n.firm_id IS NOT NULL;

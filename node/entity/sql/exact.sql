-- The first stage: records whose codes name one firm outright. From probe (one row per record) and the tables of reference.sql.

-- One row per record, its fields in normal form. taxpayer_id is a credit code, an operator's resident ID (with two digits after it, or not)
-- or an old tax number.
CREATE OR REPLACE TEMP TABLE given AS
WITH formed AS (
    SELECT probe_id,
           code_form(usci)        AS usci_given,
           code_form(taxpayer_id) AS taxpayer_id,
           code_form(reg_no)      AS reg_no,
           code_form(org_code)    AS org_code,
           code_form(firm_code)   AS firm_code,
           name_fold(firm_name)   AS folded,
           name_kept(name_fold(legal_person)) AS legal_person,
           name_kept(name_fold(address))      AS address
    FROM probe
),
told AS (
    SELECT *, CASE WHEN len(taxpayer_id) IN (18, 20) AND valid_resident(left(taxpayer_id, 18)) THEN left(taxpayer_id, 18) END AS person_id
    FROM formed
)
SELECT * EXCLUDE (usci_given, taxpayer_id, folded),
       name_kept(folded) AS full_name,
       name_core(folded) AS core,
       coalesce(usci_given, CASE WHEN person_id IS NULL AND len(taxpayer_id) BETWEEN 17 AND 19 THEN taxpayer_id END) AS usci,
       CASE WHEN person_id IS NULL AND len(taxpayer_id) BETWEEN 14 AND 16 THEN taxpayer_id END AS tax_no
FROM told;

-- One row per record and code in it. A code counts wherever it was written: departments put one into the other's column.
CREATE OR REPLACE TEMP TABLE given_code AS
SELECT probe_id, usci AS code FROM given WHERE usci IS NOT NULL
UNION ALL SELECT probe_id, tax_no FROM given WHERE tax_no IS NOT NULL
UNION ALL SELECT probe_id, reg_no FROM given WHERE reg_no IS NOT NULL
UNION ALL SELECT probe_id, org_code FROM given WHERE org_code IS NOT NULL
UNION ALL SELECT probe_id, person_id FROM given WHERE person_id IS NOT NULL
UNION ALL SELECT probe_id, '#' || firm_code FROM given WHERE firm_code IS NOT NULL
-- An organisation code inside a valid credit code or a tax number whose other parts are wrong or of an older division.
UNION ALL SELECT probe_id, substr(usci, 9, 9) FROM given WHERE len(usci) = 18 AND NOT valid_usci(usci) AND valid_org(substr(usci, 9, 9))
UNION ALL SELECT probe_id, substr(tax_no, 7, 9) FROM given WHERE len(tax_no) = 15 AND valid_org(substr(tax_no, 7, 9));

-- One row per record and firm that a code of it names.
CREATE OR REPLACE TEMP TABLE hit AS
SELECT g.probe_id, k.firm_id, min_by(k.rule, list_position(['usci', 'firm_code', 'org_code', 'tax_no', 'reg_no', 'operator'], k.rule)) AS rule
FROM given_code g
JOIN known_code k ON k.code = g.code
GROUP BY ALL;

-- One row per record that is settled: its codes name one firm, and its name, where it has one, is one of the firm's.
CREATE OR REPLACE TEMP TABLE answer AS
WITH one AS (
    SELECT probe_id, min(firm_id) AS firm_id, min(rule) AS rule FROM hit GROUP BY probe_id HAVING count(*) = 1
)
SELECT o.probe_id, o.firm_id, o.rule, CASE WHEN g.full_name IS NULL THEN 0.99 ELSE 0.999 END AS confidence
FROM one o
JOIN given g USING (probe_id)
WHERE g.full_name IS NULL
   OR EXISTS (SELECT 1 FROM known_name n WHERE n.firm_id = o.firm_id AND n.core = g.core);

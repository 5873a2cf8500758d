-- What firms are known by, in normal form. From reference (one row per firm) and reference_name (one row per firm and name, current or former).

-- One row per firm: its codes, and the tax number that was made of its division and organisation code.
CREATE OR REPLACE TEMP TABLE known AS
WITH formed AS (
    SELECT firm_id,
           code_form(usci)      AS usci,
           code_form(reg_no)    AS reg_no,
           code_form(org_code)  AS org_given,
           code_form(firm_code) AS firm_code,
           code_form(person_id) AS person_id,
           kind, division_code,
           name_kept(name_fold(address))      AS address,
           name_kept(name_fold(legal_person)) AS legal_person
    FROM reference
),
organised AS (
    SELECT *, CASE WHEN valid_usci(usci) THEN substr(usci, 9, 9) ELSE org_given END AS org_code FROM formed
)
SELECT * EXCLUDE (org_given),
       coalesce(division_code, substr(usci, 3, 6)) || org_code AS tax_no
FROM organised;

-- One row per code that one firm alone bears.
CREATE OR REPLACE TEMP TABLE known_code AS
SELECT code, min(rule) AS rule, min(firm_id) AS firm_id
FROM (
    SELECT usci AS code, 'usci' AS rule, firm_id FROM known WHERE len(usci) >= 15
    UNION ALL
    SELECT reg_no, 'reg_no', firm_id FROM known WHERE len(reg_no) >= 13
    UNION ALL
    SELECT org_code, 'org_code', firm_id FROM known WHERE len(org_code) = 9
    UNION ALL
    SELECT tax_no, 'tax_no', firm_id FROM known WHERE len(tax_no) = 15
    UNION ALL
    SELECT '#' || firm_code, 'firm_code', firm_id FROM known WHERE firm_code IS NOT NULL
    UNION ALL
    SELECT person_id, 'operator', firm_id FROM known WHERE len(person_id) = 18
)
GROUP BY code
HAVING count(DISTINCT firm_id) = 1;

-- One row per firm and name. named counts the firms that bear the full name, cored those that share the core.
CREATE OR REPLACE TEMP TABLE known_name AS
WITH folded AS (
    SELECT firm_id, name_fold(firm_name) AS folded, former FROM reference_name
),
formed AS (
    SELECT firm_id, name_kept(folded) AS full_name, name_core(folded) AS core, min(former) AS former
    FROM folded
    WHERE name_kept(folded) IS NOT NULL
    GROUP BY ALL
),
full_count AS (SELECT full_name, count(DISTINCT firm_id) AS named FROM formed GROUP BY ALL),
core_count AS (SELECT core, count(DISTINCT firm_id) AS cored FROM formed GROUP BY ALL)
SELECT f.*, n.named, c.cored, k.kind, f.full_name NOT LIKE f.core || '%' AS divided
FROM formed f
JOIN full_count n USING (full_name)
JOIN core_count c USING (core)
JOIN known k USING (firm_id);

-- One row per legal person's name: how many firms are headed by somebody of that name.
CREATE OR REPLACE TEMP TABLE known_person AS
SELECT legal_person, count(*) AS headed FROM known WHERE legal_person IS NOT NULL GROUP BY ALL;

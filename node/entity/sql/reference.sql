-- What firms are known by, in normal form. From reference (one row per firm), reference_name (one row per firm and name, current or former) and
-- known_spelling (one row per distinct name, parsed).

-- One row per firm: its codes, the tax number that was made of its division and organisation code, and its address to the house number.
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
       coalesce(division_code, substr(usci, 3, 6)) || org_code AS tax_no,
       address_head(address) AS house,
       -- How many firms somebody of that name heads, and how many sit in that house.
       CASE WHEN legal_person IS NOT NULL THEN count(*) OVER (PARTITION BY legal_person) ELSE 0 END AS headed,
       CASE WHEN address_head(address) IS NOT NULL THEN count(*) OVER (PARTITION BY address_head(address)) ELSE 0 END AS housed
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

-- One row per firm and name, parsed.
CREATE OR REPLACE TEMP TABLE parsed_name AS
SELECT r.firm_id, min(r.former) AS former, k.kind, s.full_name, s.division, s.trade, s.industry, s.form, s.core, o.sound, coalesce(d.sound, '') AS place_sound
FROM reference_name r
JOIN known_spelling s ON s.text = r.firm_name
JOIN known k USING (firm_id)
LEFT JOIN known_sound o ON o.text = s.core
LEFT JOIN known_sound d ON d.text = s.division
GROUP BY ALL;

-- One row per firm and name; names counts those of the firm. The other counts say how many firms share it: the full name (named), division and core (parted), the sound of the whole
-- (heard), the core (cored), its sound (sounded), the trade name (traded).
CREATE OR REPLACE TEMP TABLE known_name AS
WITH full_count AS (SELECT full_name, count(DISTINCT firm_id) AS named FROM parsed_name GROUP BY ALL),
part_count AS (SELECT division, core, count(DISTINCT firm_id) AS parted FROM parsed_name GROUP BY ALL),
heard_count AS (SELECT place_sound, sound, form, count(DISTINCT firm_id) AS heard FROM parsed_name GROUP BY ALL),
core_count AS (SELECT core, count(DISTINCT firm_id) AS cored FROM parsed_name GROUP BY ALL),
sound_count AS (SELECT sound, count(DISTINCT firm_id) AS sounded FROM parsed_name GROUP BY ALL),
trade_count AS (SELECT trade, count(DISTINCT firm_id) AS traded FROM parsed_name GROUP BY ALL)
SELECT p.*, named, parted, heard, cored, sounded, traded, count(*) OVER (PARTITION BY p.firm_id) AS names
FROM parsed_name p
JOIN full_count USING (full_name)
JOIN part_count USING (division, core)
JOIN heard_count USING (place_sound, sound, form)
JOIN core_count USING (core)
JOIN sound_count USING (sound)
JOIN trade_count USING (trade);

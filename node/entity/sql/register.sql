-- The firms of the reference catalogues. From registration (every landed row of them, one column set) and rename (names before a change).

-- One row per landed registration with the keys that it can be told by: its organisation code (which a credit code contains), its registration
-- number, its code in a study, or else whatever stands in the place of the credit code.
CREATE OR REPLACE TEMP TABLE keyed AS
WITH formed AS (
    SELECT *, code_form(usci) AS usci_form, code_form(reg_no) AS reg_form, code_form(org_code) AS org_form, code_form(firm_code) AS firm_form
    FROM registration
),
told AS (
    SELECT *,
           CASE WHEN valid_usci(usci_form) THEN 'O' || substr(usci_form, 9, 9)
                WHEN valid_org(org_form) THEN 'O' || org_form
                WHEN len(usci_form) = 18 AND valid_org(substr(usci_form, 9, 9)) THEN 'O' || substr(usci_form, 9, 9) END AS org_key,
           CASE WHEN valid_reg(reg_form) THEN 'R' || reg_form END AS reg_key,
           'C' || firm_form AS code_key,
           'U' || usci_form AS usci_key
    FROM formed
),
-- A row that has its registration number only is the firm that bears the number elsewhere.
owner AS (
    SELECT reg_key, min(org_key) AS org_key FROM told WHERE reg_key IS NOT NULL AND org_key IS NOT NULL
    GROUP BY reg_key HAVING count(DISTINCT org_key) = 1
)
SELECT t.* EXCLUDE (org_key), coalesce(t.org_key, o.org_key) AS org_key,
       coalesce(t.org_key, o.org_key, t.reg_key, t.code_key, t.usci_key) AS firm_key
FROM told t
LEFT JOIN owner o ON o.reg_key = t.reg_key;

-- Every key keeps the firm_id that it has. A firm whose keys had several firm_ids takes that of its own key, or else the lowest: a merge. A firm_id
-- that several firms claim stays with the one whose own key it was, or else the first: the others are split off and numbered anew, like firms none of
-- whose keys is known, after all numbers ever given.
CREATE OR REPLACE TEMP TABLE key_of AS
SELECT DISTINCT firm_key, unnest([org_key, reg_key, code_key, usci_key]) AS key FROM keyed WHERE firm_key IS NOT NULL;

CREATE OR REPLACE TEMP TABLE claim AS
SELECT k.firm_key, f.firm_id, max(k.key = k.firm_key) AS own FROM key_of k JOIN entity.firm_key f USING (key) WHERE k.key IS NOT NULL GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE numbered AS
WITH chosen AS (
    SELECT * FROM claim QUALIFY row_number() OVER (PARTITION BY firm_key ORDER BY own DESC, firm_id) = 1
),
old AS (
    SELECT firm_key, firm_id FROM chosen QUALIFY row_number() OVER (PARTITION BY firm_id ORDER BY own DESC, firm_key) = 1
),
given AS (
    SELECT greatest((SELECT coalesce(max(firm_id), 0) FROM entity.firm_key), (SELECT coalesce(max(firm_id), 0) FROM entity.firm),
                    (SELECT coalesce(max(greatest(firm_id, other_firm_id)), 0) FROM entity.change WHERE what IN ('merge', 'split'))) AS last
),
new AS (
    SELECT firm_key, row_number() OVER (ORDER BY firm_key) + (SELECT last FROM given) AS firm_id
    FROM (SELECT DISTINCT firm_key FROM key_of) k
    WHERE firm_key NOT IN (SELECT firm_key FROM old)
)
SELECT * FROM old UNION ALL SELECT * FROM new;

CREATE OR REPLACE TEMP TABLE merged AS
SELECT c.firm_id AS gone, min(n.firm_id) AS firm_id
FROM claim c JOIN numbered n USING (firm_key)
WHERE c.firm_id IN (SELECT firm_id FROM entity.firm) AND c.firm_id NOT IN (SELECT firm_id FROM numbered)
GROUP BY c.firm_id;

CREATE OR REPLACE TEMP TABLE parted AS
SELECT n.firm_id, min(c.firm_id) AS left_id
FROM claim c JOIN numbered n USING (firm_key)
WHERE n.firm_id > (SELECT coalesce(max(firm_id), 0) FROM entity.firm_key)
GROUP BY n.firm_id;

CREATE OR REPLACE TEMP TABLE owned AS
SELECT k.key, coalesce(min(n.firm_id) FILTER (k.key = k.firm_key), min(n.firm_id) FILTER (n.firm_id = f.firm_id), min(n.firm_id)) AS firm_id
FROM key_of k JOIN numbered n USING (firm_key) LEFT JOIN entity.firm_key f ON f.key = k.key
WHERE k.key IS NOT NULL
GROUP BY k.key;
DELETE FROM entity.firm_key WHERE key IN (SELECT key FROM owned);
INSERT INTO entity.firm_key SELECT key, firm_id FROM owned ORDER BY key;

-- One row per firm: what its latest registration says, mended by its other registrations where that one has a gap or a faulty code.
CREATE OR REPLACE TABLE entity.firm AS
WITH ordered AS (
    SELECT n.firm_id, k.*,
           row_number() OVER (PARTITION BY n.firm_id ORDER BY (_superseded_on IS NULL) DESC, _known_on DESC, valid_usci(usci_form) DESC NULLS LAST, _row DESC) AS place
    FROM keyed k
    JOIN numbered n USING (firm_key)
)
SELECT firm_id,
       coalesce(min_by(usci_form, place) FILTER (valid_usci(usci_form)), min_by(usci_form, place) FILTER (usci_form IS NOT NULL)) AS usci,
       min_by(reg_form, place) FILTER (reg_form IS NOT NULL)               AS reg_no,
       coalesce(substr(min(org_key), 2), min_by(org_form, place) FILTER (org_form IS NOT NULL)) AS org_code,
       min_by(firm_form, place) FILTER (firm_form IS NOT NULL)             AS firm_code,
       min_by(firm_name, place) FILTER (firm_name IS NOT NULL)             AS firm_name,
       min_by(kind, place)                                                 AS kind,
       min_by(division_code, place) FILTER (division_code IS NOT NULL)     AS division_code,
       min_by(industry_code, place) FILTER (industry_code IS NOT NULL)     AS industry_code,
       min_by(established_on, place) FILTER (established_on IS NOT NULL)   AS established_on,
       min_by(status, place) FILTER (status IS NOT NULL)                   AS status,
       min_by(closed_on, place) FILTER (closed_on IS NOT NULL)             AS closed_on,
       min_by(address, place) FILTER (address IS NOT NULL)                 AS address,
       min_by(legal_person, place) FILTER (legal_person IS NOT NULL)       AS legal_person,
       min_by(legal_person_id, place) FILTER (legal_person_id IS NOT NULL) AS legal_person_id,
       min_by(_known_on, place)                                            AS known_on
FROM ordered
GROUP BY firm_id;

-- A registration whose credit code is faulty but whose organisation code, division and kind stand gets the code that follows from them: there is
-- one check character that makes it right.
UPDATE entity.firm SET usci = repaired.usci
FROM (
    SELECT firm_id, completed_usci(CASE kind WHEN 'individual' THEN '92' ELSE '91' END || division_code || org_code) AS usci
    FROM entity.firm
    WHERE NOT coalesce(valid_usci(usci), false) AND len(division_code) = 6 AND valid_org(org_code)
) repaired
WHERE entity.firm.firm_id = repaired.firm_id AND repaired.usci IS NOT NULL;

CREATE OR REPLACE TABLE entity.name AS
WITH every AS (
    SELECT firm_id, firm_name, false AS former FROM entity.firm WHERE firm_name IS NOT NULL
    UNION ALL
    SELECT n.firm_id, k.firm_name, true FROM keyed k JOIN numbered n USING (firm_key) WHERE k.firm_name IS NOT NULL
    UNION ALL
    SELECT n.firm_id, trim(unnest(string_split_regex(k.former_name, '[;；,，、/]'))), true FROM keyed k JOIN numbered n USING (firm_key) WHERE k.former_name IS NOT NULL
    UNION ALL
    SELECT f.firm_id, r.firm_name, true FROM rename r JOIN entity.firm f ON f.usci = code_form(r.usci)
)
SELECT firm_id, firm_name, min(former) AS former FROM every WHERE firm_name <> '' GROUP BY ALL;

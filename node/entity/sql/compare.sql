-- How a record and a firm compare, field by field, as levels (see weight.go; 0: one of the two does not say). From candidate, open_probe and the
-- tables of reference.sql. compared: one row per record and candidate; the name counts by the best of the firm's names. The shared_ columns say how
-- many firms of the reference bear what agrees.
CREATE OR REPLACE TEMP TABLE named_pair AS
WITH coded AS (
    SELECT c.probe_id, c.firm_id,
           CASE WHEN g.usci IS NULL AND g.tax_no IS NULL AND g.org IS NULL OR k.usci IS NULL AND k.org_code IS NULL THEN 0
                WHEN g.usci = k.usci OR g.tax_no = k.tax_no OR len(g.usci) = 20 AND left(g.usci, 18) = k.usci THEN 1
                WHEN g.org = k.org_code THEN 2
                WHEN near AND NOT g.usci_valid AND edits(g.usci, k.usci) = 1 THEN 3
                WHEN (g.usci IS NULL OR len(g.usci) IN (9, 15, 17)) AND NOT g.org_valid AND edits(g.org, k.org_code) = 1 THEN 3
                WHEN near AND edits(g.usci, k.usci) = 1 THEN 5
                WHEN g.usci_valid THEN 7
                WHEN near AND edits(g.usci, k.usci) <= 3 THEN 4
                WHEN len(g.usci) BETWEEN 10 AND 17 AND (starts_with(k.usci, g.usci) OR ends_with(k.usci, g.usci)) THEN 4
                WHEN g.org_valid THEN 7
                ELSE 6 END AS code,
           CASE WHEN g.reg_no IS NULL OR k.reg_no IS NULL THEN 0
                WHEN g.reg_no = k.reg_no THEN 1
                WHEN NOT g.reg_valid AND edits(g.reg_no, k.reg_no) = 1 THEN 3
                WHEN edits(g.reg_no, k.reg_no) = 1 THEN 5
                WHEN g.reg_valid THEN 7
                ELSE 6 END AS reg,
           CASE WHEN g.firm_code IS NULL OR k.firm_code IS NULL THEN 0 WHEN g.firm_code = k.firm_code THEN 1 ELSE 2 END AS firm_code,
           CASE WHEN g.person_id IS NULL OR k.person_id IS NULL THEN 0 WHEN g.person_id = k.person_id THEN 1 ELSE 2 END AS operator,
           CASE WHEN g.legal_person IS NULL OR k.legal_person IS NULL THEN 0
                WHEN g.legal_person = k.legal_person THEN 1
                WHEN len(k.legal_person) >= 3 AND edits(g.legal_person, k.legal_person) = 1 THEN 2
                ELSE 3 END AS person,
           CASE WHEN g.address IS NULL OR k.address IS NULL THEN 0
                WHEN g.address = k.address THEN 1
                WHEN g.house = k.house OR len(g.address) >= 6 AND (contains(k.address, g.address) OR contains(g.address, k.address)) THEN 2
                ELSE 3 END AS address,
           k.headed AS shared_person, k.housed AS shared_address,
           g.full_name, g.division, g.trade, g.industry, g.form, g.core, g.sound, g.place_sound, k.kind, k.address AS known_address
    FROM candidate c
    JOIN open_probe g USING (probe_id)
    -- Measuring edits is dear: a slip leaves one of these parts as it was.
    JOIN (SELECT *, substr(usci, 9, 5) AS usci_middle, right(usci, 5) AS usci_end, substr(usci, 9, 4) || right(usci, 4) AS usci_ends FROM known) k
      ON k.firm_id = c.firm_id,
    LATERAL (SELECT substr(g.usci, 9, 5) = usci_middle OR right(g.usci, 5) = usci_end OR substr(g.usci, 8, 5) = usci_middle OR substr(g.usci, 9, 4) || right(g.usci, 4) = usci_ends AS near) n
),
placed AS (
    SELECT c.*, n.former, n.full_name AS known_full, n.division AS known_division, n.trade AS known_trade, n.industry AS known_industry, n.core AS known_core,
           n.sound AS known_sound,  n.form AS known_form, n.named, n.parted, n.heard, n.cored, n.sounded, n.traded, coalesce(n.names, 1) AS names,
           c.division = n.division AS same_place,
           c.place_sound = n.place_sound AS place_heard,
           -- A division that the firm's name leaves out must not be one where the firm is not.
           CASE WHEN c.division = '' THEN true
                WHEN n.division = '' THEN NOT regexp_matches(coalesce(known_address, ''), '^\p{Han}{2,3}[省市]') OR contains(known_address, left(c.division, 2)) OR contains(known_address, right(c.division, 2))
                ELSE contains(c.division, n.division) OR contains(n.division, c.division) OR contains(coalesce(known_address, ''), c.division) OR c.place_sound = n.place_sound END AS place_fits,
           c.form = n.form OR c.form = '' OR n.form = '' AS form_fits,
           c.industry = '' OR n.industry = '' OR contains(c.industry, n.industry) OR contains(n.industry, c.industry) AS industry_fits
    FROM coded c
    LEFT JOIN known_name n USING (firm_id)
),
named AS (
    SELECT *, CASE WHEN full_name IS NULL OR known_full IS NULL THEN 0
                   WHEN full_name = known_full THEN 1
                   WHEN core = known_core AND same_place AND division <> '' AND form_fits THEN 2
                   WHEN sound = known_sound AND place_heard AND form = known_form THEN 3
                   WHEN core = known_core AND place_fits AND form_fits THEN 4
                   WHEN sound = known_sound AND place_fits AND form_fits THEN 5
                   WHEN place_fits AND form_fits AND len(core) >= 4 AND edits(core, known_core) = 1 AND (trade <> known_trade OR industry_fits) THEN 6
                   WHEN place_fits AND form_fits AND trade = known_trade AND industry_fits THEN 7
                   WHEN place_fits AND form_fits AND least(len(core), len(known_core)) >= 3 AND (contains(core, known_core) OR contains(known_core, core)) THEN 7
                   WHEN core = known_core OR trade = known_trade OR sound = known_sound THEN 8
                   ELSE 9 END AS name
    FROM placed
)
SELECT probe_id, firm_id, kind, code, reg, firm_code, operator, person, address, name, former, names, shared_person, shared_address,
       known_full, known_division <> '' AS divided,
       CASE name WHEN 1 THEN named WHEN 2 THEN parted WHEN 3 THEN heard WHEN 4 THEN cored WHEN 5 THEN sounded WHEN 7 THEN traded ELSE 1 END AS shared_name
FROM named;

CREATE OR REPLACE TEMP TABLE compared AS
SELECT * FROM named_pair WHERE names = 1
UNION ALL
(SELECT * FROM named_pair WHERE names > 1 QUALIFY row_number() OVER (PARTITION BY probe_id, firm_id ORDER BY name, former, known_full) = 1);

-- Records that the first stage left open, with all that can be compared. From given, answer, probe_spelling. open_probe: one row per record.
CREATE OR REPLACE TEMP TABLE open_raw AS
SELECT g.*, s.full_name, s.division, s.trade, s.industry, s.form, s.core, s.head,
       name_kept(name_fold(g.person_written))  AS legal_person,
       name_kept(name_fold(g.address_written)) AS address
FROM given g
LEFT JOIN probe_spelling s ON s.text = g.firm_name
WHERE {{chosen}};

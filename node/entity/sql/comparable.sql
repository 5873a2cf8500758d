-- open_probe: one row per record of open_raw, with how its name sounds, what its address begins with, and whether its codes hold by themselves.
CREATE OR REPLACE TEMP TABLE open_probe AS
SELECT r.*, o.sound, CASE WHEN r.core IS NOT NULL THEN coalesce(d.sound, '') END AS place_sound, address_head(r.address) AS house,
       coalesce(valid_usci(r.usci), false)  AS usci_valid,
       coalesce(valid_reg(r.reg_no), false) AS reg_valid,
       coalesce(valid_org(r.org), false)    AS org_valid
FROM open_raw r
LEFT JOIN probe_sound o ON o.text = r.core
LEFT JOIN probe_sound d ON d.text = r.division;

-- Forgets the links that are to be made again: of writings that share a key with a touched firm, are linked to one, or were in doubt about one;
-- of firms that were split; and those by a code that another firm now bears too. link_before keeps what they were.
INSERT INTO again
SELECT writing_id FROM entity.open_key WHERE key IN (SELECT key FROM touched_key)
UNION
SELECT writing_id FROM entity.doubt WHERE firm_id IN (SELECT firm_id FROM touched) OR second_id IN (SELECT firm_id FROM touched)
UNION
SELECT o.writing_id FROM entity.open_identity o JOIN entity.link k ON k.catalogue = o.catalogue AND k._identity = o._identity WHERE k.firm_id IN (SELECT firm_id FROM touched);

INSERT INTO link_before
SELECT k.catalogue, k._identity, k.firm_id
FROM entity.link k
LEFT JOIN entity.open_identity o ON o.catalogue = k.catalogue AND o._identity = k._identity AND o.writing_id IN (SELECT writing_id FROM again)
WHERE o.writing_id IS NOT NULL
   OR k.firm_id IN (SELECT left_id FROM parted)
   OR k.rule IN ('reg_no', 'org_code', 'tax_no', 'operator') AND k.firm_id IN (SELECT firm_id FROM neighbour);

DELETE FROM entity.link USING link_before b WHERE entity.link.catalogue = b.catalogue AND entity.link._identity = b._identity;
DELETE FROM entity.unlinked USING entity.open_identity o
WHERE o.catalogue = entity.unlinked.catalogue AND o._identity = entity.unlinked._identity AND o.writing_id IN (SELECT writing_id FROM again);

-- Keeps what weighing found for the writings that were looked at (looking, looking_identity): links, what is not linked, doubts and keys; and logs
-- which links that stood before are others now.
INSERT INTO entity.link
SELECT o.catalogue, o._identity, a.firm_id, a.rule, a.confidence FROM looking_identity o JOIN answer a ON a.probe_id = o.writing_id ORDER BY o.catalogue;
INSERT INTO entity.unlinked
SELECT catalogue, _identity FROM looking_identity WHERE writing_id NOT IN (SELECT probe_id FROM answer) ORDER BY catalogue;

DELETE FROM entity.doubt WHERE writing_id IN (SELECT writing_id FROM looking);
INSERT INTO entity.doubt SELECT probe_id, firm_id, share, bits, second_id, why FROM doubt ORDER BY probe_id;
DELETE FROM entity.open_key WHERE writing_id IN (SELECT writing_id FROM looking);
INSERT INTO entity.open_key SELECT probe_id, key FROM open_key ORDER BY key;

INSERT INTO entity.change
SELECT {{run}}, {{known_on}}, 'relink', b.catalogue, b._identity, k.firm_id, b.firm_id, 'the register changed'
FROM link_before b
LEFT JOIN entity.link k ON k.catalogue = b.catalogue AND k._identity = b._identity
WHERE k.firm_id IS DISTINCT FROM b.firm_id
ORDER BY b.catalogue, b._identity;
INSERT INTO entity.change
SELECT {{run}}, {{known_on}}, 'relink', k.catalogue, k._identity, k.firm_id, NULL, 'the register changed'
FROM looking_identity o
JOIN entity.link k ON k.catalogue = o.catalogue AND k._identity = o._identity
WHERE o.writing_id IN (SELECT writing_id FROM again)
  AND NOT EXISTS (SELECT 1 FROM link_before b WHERE b.catalogue = k.catalogue AND b._identity = k._identity)
ORDER BY k.catalogue, k._identity;

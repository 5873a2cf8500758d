-- Stewards' decisions, over whatever the rules say. From entity.decision: of each writing the latest counts, its firm followed through merges.
CREATE OR REPLACE TEMP TABLE decided AS
WITH RECURSIVE now_is(firm_id, became) AS (
    SELECT DISTINCT firm_id, firm_id FROM entity.decision
    UNION
    SELECT n.firm_id, c.firm_id FROM now_is n JOIN entity.change c ON c.what = 'merge' AND c.other_firm_id = n.became
),
latest AS (
    SELECT * FROM entity.decision QUALIFY row_number() OVER (PARTITION BY writing_id ORDER BY decided_at DESC) = 1
),
whole AS (
    SELECT l.decision, l.writing_id, l.catalogue, l._identity, n.became AS firm_id
    FROM latest l
    JOIN now_is n ON n.firm_id = l.firm_id AND NOT EXISTS (SELECT 1 FROM entity.change c WHERE c.what = 'merge' AND c.other_firm_id = n.became)
)
SELECT decision, writing_id, catalogue, _identity, firm_id FROM whole
UNION
-- Kept apart from all firms.
SELECT l.decision, l.writing_id, o.catalogue, o._identity, NULL FROM latest l JOIN entity.open_identity o USING (writing_id) WHERE l.firm_id IS NULL
UNION
SELECT w.decision, w.writing_id, o.catalogue, o._identity, w.firm_id FROM whole w JOIN entity.open_identity o USING (writing_id);

CREATE OR REPLACE TEMP TABLE overruled AS
SELECT d.catalogue, d._identity, d.decision, d.firm_id, k.firm_id AS linked_id
FROM decided d
LEFT JOIN entity.link k ON k.catalogue = d.catalogue AND k._identity = d._identity
WHERE d.decision = 'split' AND k.firm_id = d.firm_id
   OR d.firm_id IS NULL AND k.firm_id IS NOT NULL
   OR d.firm_id IS NOT NULL AND d.decision IN ('link', 'keep') AND (k.firm_id IS DISTINCT FROM d.firm_id OR k.rule <> 'steward');

INSERT INTO entity.change
SELECT {{run}}, {{known_on}}, 'relink', catalogue, _identity, CASE WHEN decision <> 'split' THEN firm_id END, linked_id, 'a steward decided so'
FROM overruled
WHERE decision = 'split' OR firm_id IS DISTINCT FROM linked_id
ORDER BY catalogue, _identity;
DELETE FROM entity.link USING overruled v WHERE entity.link.catalogue = v.catalogue AND entity.link._identity = v._identity;
DELETE FROM entity.unlinked USING overruled v WHERE entity.unlinked.catalogue = v.catalogue AND entity.unlinked._identity = v._identity;
INSERT INTO entity.link SELECT catalogue, _identity, firm_id, 'steward', 1 FROM overruled WHERE decision <> 'split' AND firm_id IS NOT NULL ORDER BY catalogue;
INSERT INTO entity.unlinked SELECT catalogue, _identity FROM overruled WHERE decision = 'split' OR firm_id IS NULL ORDER BY catalogue;

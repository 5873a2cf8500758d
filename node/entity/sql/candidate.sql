-- The firms that an open record could mean: one row per record and firm in candidate. Every join is on equality of keys computed before; a key
-- that too many firms share says nothing and is left out.
CREATE OR REPLACE TEMP TABLE known_key AS
SELECT key, list(DISTINCT firm_id) AS firms
FROM ({{every}})
WHERE key IN (SELECT key FROM open_key)
GROUP BY key
HAVING len(firms) <= min(most);

CREATE OR REPLACE TEMP TABLE candidate AS
SELECT DISTINCT probe_id, firm_id FROM (
    SELECT o.probe_id, unnest(k.firms) AS firm_id FROM open_key o JOIN known_key k USING (key)
    UNION ALL
    SELECT probe_id, firm_id FROM hit WHERE probe_id IN (SELECT probe_id FROM open_probe)
);

-- What becomes of rows that share their key with another: one row per contested row of this batch (pos) and per landed row (id, pos NULL) whose
-- day of supersession changes. Versions of one key stand in the order in which they became known,
-- within a day by the files' names, so that the order of loading does not matter. A version that says the same as the one before it
-- is a duplicate, as is a second copy of a row within one file; a version that says something else supersedes the one before it on the day it
-- became known. Rows without a complete key have only duplicates: their k covers the whole content. (A copy that is delivered late but was known
-- earlier lands and ends on the day from which the landed one holds.)
CREATE OR REPLACE TEMP TABLE fate AS
WITH versions AS (
    SELECT t.pos, f.delivery_no * 4294967296 + t.pos - f.start + 1 AS id, f.delivery_no, f.delivery, f.known_on, t.k, t.h, NULL::DATE AS was_superseded_on
    FROM typed AS t JOIN files AS f USING (file_no)
    WHERE NOT t.bad AND t.k IN (SELECT k FROM contested)
{{- if .Landed}}
    UNION ALL
    SELECT NULL, old.id, old.id // 4294967296, old.delivery, old.known_on, old.k, old.h, coalesce(s.superseded_on, old.superseded_on)
    FROM (SELECT _id AS id, _delivery AS delivery, _known_on AS known_on, _superseded_on AS superseded_on, {{.Key}} AS k, {{.Hash}} AS h FROM {{.Landed}}) AS old
    LEFT JOIN (SELECT id, superseded_on FROM ledger.superseded WHERE department = {{.Department}} AND catalogue = {{.Catalogue}}) AS s ON s.id = old.id
    WHERE old.k IN (SELECT k FROM contested)
{{- end}}
), copies AS (
    SELECT *, row_number() OVER (PARTITION BY k, h, delivery_no ORDER BY id) AS copy FROM versions
), firsts AS (
    SELECT *, lag(h) OVER (PARTITION BY k ORDER BY known_on, delivery, id) AS before FROM copies WHERE copy = 1
), living AS (
    SELECT *, lead(known_on) OVER (PARTITION BY k ORDER BY known_on, delivery, id) AS superseded_on
    FROM firsts WHERE pos IS NULL OR before IS DISTINCT FROM h
)
SELECT pos, id, true AS duplicate, NULL::DATE AS superseded_on FROM copies WHERE copy > 1 AND pos IS NOT NULL
UNION ALL
SELECT pos, id, true, NULL FROM firsts WHERE pos IS NOT NULL AND before IS NOT DISTINCT FROM h
UNION ALL
SELECT pos, id, false, superseded_on FROM living WHERE CASE WHEN pos IS NULL THEN superseded_on IS DISTINCT FROM was_superseded_on ELSE superseded_on IS NOT NULL END;

-- What becomes of rows that share their key with another: one row per contested row of this batch (pos), per landed row whose day of supersession
-- changes, and per row that was dropped as a repetition and turns out to be none (again).
-- All that was ever said under a key is put in the order in which it became known: by day; within a day deliveries of the whole first, all parts
-- of a day's whole together, then by the files' names and the rows' numbers. So the order of loading does not matter. Then
--   a row that says the same as the one before it repeats it (repeats; twin is the row whose content it repeats), as does a copy within one delivery;
--   a row that says something else supersedes the one before it on the day on which it became known;
--   a row that ends its key (hash 0) supersedes the one before it, and is itself never in force;
--   a delivery of the whole in which a key is absent ends what stands under that key.
-- Rows without a complete key have only repetitions: their key covers the whole content.
-- {{.Landed}} reads what landed before; {{.Department}} and {{.Catalogue}} are literals.
CREATE OR REPLACE TEMP TABLE fate AS
WITH deliveries AS (
    SELECT delivery_no, delivery, known_on, kind = 'snapshot' AS whole FROM files
    UNION -- a delivery whose quarantined rows are read again stands in both
    SELECT delivery_no, delivery, known_on, kind = 'snapshot' FROM ledger.delivery WHERE department = {{.Department}} AND catalogue = {{.Catalogue}}
), ordered AS (
    SELECT *, dense_rank() OVER (ORDER BY known_on, NOT whole, CASE WHEN NOT whole THEN delivery END) AS place FROM deliveries
), calendar AS (
    SELECT *, min(CASE WHEN whole THEN place END) OVER later AS next_whole, min(CASE WHEN whole THEN known_on END) OVER later AS next_whole_on
    FROM ordered WINDOW later AS (ORDER BY place RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
){{if .Landed}}, old AS (
    SELECT p._id AS id, p._key AS k, p._hash AS h, p._ends AS ends, CASE WHEN s.id IS NULL THEN p._superseded_on ELSE s.superseded_on END AS superseded_on
    FROM {{.Landed}} AS p
    LEFT JOIN (SELECT id, superseded_on FROM ledger.superseded WHERE department = {{.Department}} AND catalogue = {{.Catalogue}}) AS s ON s.id = p._id
    WHERE p._key IN (SELECT k FROM contested)
){{end}}, said AS (
    SELECT t.rowid AS pos, f.delivery_no * 4294967296 + coalesce(t._row, t.rowid - f.start + 1) AS id, f.delivery_no, t._key AS k, t._hash AS h, t._ends AS ends,
        false AS landed, NULL::BIGINT AS twin, NULL::DATE AS was_superseded_on
    FROM typed AS t JOIN files AS f ON f._file = t._file
    WHERE NOT t._bad AND t._key IN (SELECT k FROM contested)
{{- if .Landed}}
    UNION ALL
    SELECT NULL, id, id // 4294967296, k, h, ends, true, NULL, superseded_on FROM old
    UNION ALL
    SELECT NULL, r.id, r.id // 4294967296, old.k, old.h, old.ends, false, r.twin, NULL
    FROM ledger.repeated AS r JOIN old ON old.id = r.twin WHERE r.department = {{.Department}} AND r.catalogue = {{.Catalogue}}
{{- end}}
), copies AS (
    SELECT said.* REPLACE (CASE WHEN ends THEN 0::UBIGINT ELSE h END AS h), c.delivery, c.known_on, c.place, c.next_whole, c.next_whole_on,
        row_number() OVER (PARTITION BY k, CASE WHEN ends THEN 0::UBIGINT ELSE h END, c.place ORDER BY landed DESC, c.delivery, id) AS copy
    FROM said JOIN calendar AS c USING (delivery_no)
), firsts AS (
    SELECT *, lag(h) OVER versions AS before, coalesce(lag(next_whole) OVER versions < place, false) AS was_absent,
        CASE WHEN next_whole < coalesce(lead(place) OVER versions, 9223372036854775807) THEN next_whole_on END AS absent_on
    FROM copies WHERE copy = 1 OR landed WINDOW versions AS (PARTITION BY k ORDER BY place, delivery, id)
), judged AS (
    SELECT *, NOT landed AND before IS NOT DISTINCT FROM h AND (ends OR NOT was_absent) AS repeats FROM firsts
), runs AS (
    SELECT *, count(*) FILTER (NOT repeats) OVER (PARTITION BY k ORDER BY place, delivery, id ROWS UNBOUNDED PRECEDING) AS run FROM judged
), ending AS (
    SELECT *, min(absent_on) OVER (PARTITION BY k, run) AS run_absent_on, first_value(id) OVER (PARTITION BY k, run ORDER BY place, delivery, id) AS stands FROM runs
), living AS (
    SELECT * EXCLUDE (ends), CASE WHEN ends THEN known_on ELSE least(lead(known_on) OVER (PARTITION BY k ORDER BY place, delivery, id), run_absent_on) END AS superseded_on
    FROM ending WHERE NOT repeats
)
SELECT pos, id, true AS repeats, NULL::BIGINT AS twin, NULL::DATE AS superseded_on, false AS again FROM copies WHERE copy > 1 AND pos IS NOT NULL
UNION ALL
SELECT pos, id, true, stands, NULL, false FROM ending WHERE repeats AND pos IS NOT NULL
UNION ALL
SELECT pos, id, false, NULL, superseded_on, false FROM living WHERE pos IS NOT NULL AND superseded_on IS NOT NULL
UNION ALL
SELECT NULL, id, false, NULL, superseded_on, false FROM living WHERE landed AND superseded_on IS DISTINCT FROM was_superseded_on
UNION ALL
SELECT NULL, id, false, twin, superseded_on, true FROM living WHERE NOT landed AND pos IS NULL;

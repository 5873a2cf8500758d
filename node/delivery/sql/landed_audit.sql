-- One row per delivery of a catalogue that has landed rows, by the ledger or by the Parquet files: how many it should have and has, how many
-- different row numbers, whether any lies outside the file, and how many are in quarantine as well. {{landed}} reads the catalogue's Parquet files.
WITH landed AS (
    SELECT _id // 4294967296 AS delivery_no, _row, _delivery FROM {{landed}}
), counted AS (
    SELECT delivery_no, any_value(_delivery) AS delivery, count(*) AS found, count(DISTINCT _row) AS rows, max(_row) AS last, min(_row) AS first FROM landed GROUP BY delivery_no
), overlap AS (
    SELECT l.delivery_no, count(*) AS n FROM landed AS l JOIN ledger.quarantine AS q ON q.delivery_no = l.delivery_no AND q.row = l._row GROUP BY l.delivery_no
)
SELECT coalesce(d.delivery, c.delivery), coalesce(d.landed, 0), coalesce(c.found, 0), coalesce(c.rows, 0),
    CASE WHEN c.last > d.received OR c.first < 1 THEN 1 ELSE 0 END, coalesce(b.n, 0)
FROM (SELECT * FROM ledger.delivery WHERE segment IN (SELECT unnest([{{segments}}]))) AS d FULL JOIN counted AS c USING (delivery_no) LEFT JOIN overlap AS b USING (delivery_no)
ORDER BY 1

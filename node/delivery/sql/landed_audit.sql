-- One row per delivery of a catalogue that has landed rows, by the ledger or by the Parquet files: how many it should have and has, how many
-- different row numbers, whether any lies outside the file or differs from the row's _id, and how many are in quarantine as well.
-- {{landed}} reads the catalogue's Parquet files. In the order in which they were written the _ids rise, but where a late delivery made a repetition
-- into a row; so long as they do, no two are equal. {{distinct}} counts the different ones where they do not.
WITH landed AS (
    SELECT _id // 4294967296 AS delivery_no, _row, _delivery, _id, _id <= lag(_id) OVER () AS falls FROM {{landed}}
), counted AS (
    SELECT delivery_no, any_value(_delivery) AS delivery, count(*) AS found, {{distinct}} AS rows, max(_row) AS last, min(_row) AS first,
        count(*) FILTER (_id % 4294967296 <> _row) AS strange, count(*) FILTER (falls) AS falls
    FROM landed GROUP BY delivery_no
), overlap AS (
    SELECT l.delivery_no, count(*) AS n FROM landed AS l JOIN ledger.quarantine AS q ON q.delivery_no = l.delivery_no AND q.row = l._row GROUP BY l.delivery_no
), expected AS (
    SELECT delivery_no, sum(rows)::BIGINT AS landed FROM ledger.part WHERE path IN (SELECT unnest([{{segments}}])) GROUP BY delivery_no
)
SELECT coalesce(d.delivery, c.delivery, ''), coalesce(e.landed, 0), coalesce(c.found, 0), coalesce(c.rows, 0),
    CASE WHEN c.last > coalesce(d.received, 0) OR c.first < 1 OR c.strange > 0 THEN 1 ELSE 0 END, coalesce(b.n, 0), coalesce(c.falls, 0)
FROM expected AS e FULL JOIN counted AS c USING (delivery_no) LEFT JOIN ledger.delivery AS d USING (delivery_no) LEFT JOIN overlap AS b USING (delivery_no)
ORDER BY 1

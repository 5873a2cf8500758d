-- One row per key under which more than one row stands: in this batch, or in this batch and in what landed before. Few against the batch.
-- {{.Landed}} reads the keys of what landed before from the catalogue's Parquet files; it is absent for a catalogue's first batch.
CREATE OR REPLACE TEMP TABLE contested AS
SELECT k FROM typed WHERE NOT bad GROUP BY k HAVING count(*) > 1
{{- if .Landed}}
UNION
SELECT old.k FROM (SELECT {{.Key}} AS k FROM {{.Landed}}) AS old WHERE old.k IN (SELECT k FROM typed WHERE NOT bad)
{{- end}};

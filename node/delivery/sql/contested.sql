-- One row per key whose rows must be looked at together: under which more than one row stands, in this batch or in this batch and in what landed
-- before. Few against the batch. {{.Landed}} reads what landed before; it is absent for a catalogue's first batch. After a delivery of the whole
-- every key of the batch must be looked at ({{.Keys}}), and when the batch holds such a delivery every key that ever landed ({{.All}}).
CREATE OR REPLACE TEMP TABLE contested AS
{{- if .Keys}}
SELECT _key AS k FROM typed WHERE NOT _bad
{{- else}}
SELECT _key AS k FROM typed WHERE NOT _bad GROUP BY _key HAVING count(*) > 1
{{- end}}
{{- if .Landed}}
UNION
SELECT _key FROM {{.Landed}}{{if not .All}} WHERE _key IN (SELECT _key FROM typed WHERE NOT _bad){{end}}
{{- end}};

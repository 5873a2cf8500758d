-- The writings in doubt that no steward has decided about, the likeliest first: one row per writing, with what it says and the catalogues that hold it.
-- From entity.doubt, entity.open_identity, entity.firm.
WITH waiting AS (
    SELECT * FROM entity.doubt WHERE writing_id NOT IN (SELECT writing_id FROM entity.decision) ORDER BY share DESC, writing_id LIMIT ?
),
said AS (
    SELECT o.writing_id, string_agg(DISTINCT o.catalogue, ',' ORDER BY o.catalogue) AS catalogues, any_value(o.usci) AS usci, any_value(o.reg_no) AS reg_no, any_value(o.org_code) AS org_code,
           any_value(o.taxpayer_id) AS taxpayer_id, any_value(o.firm_code) AS firm_code, any_value(o.firm_name) AS firm_name, any_value(o.legal_person) AS legal_person
    FROM entity.open_identity o
    WHERE o.writing_id IN (SELECT writing_id FROM waiting)
    GROUP BY o.writing_id
)
SELECT CAST(w.writing_id AS VARCHAR), w.firm_id, coalesce(f.firm_name, ''), coalesce(f.usci, ''), w.share, w.bits, w.second_id, s.firm_name, w.why, d.catalogues,
       d.usci, d.reg_no, d.org_code, d.taxpayer_id, d.firm_code, d.firm_name, d.legal_person
FROM waiting w
JOIN said d USING (writing_id)
LEFT JOIN entity.firm f ON f.firm_id = w.firm_id
LEFT JOIN entity.firm s ON s.firm_id = w.second_id
ORDER BY w.share DESC, w.writing_id

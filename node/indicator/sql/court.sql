-- A firm before the courts.
-- One row per spine row; 0 for a firm of which the courts said nothing, missing while a catalogue was never delivered.
-- From the four catalogues of the courts as known on as_of; what had happened by as_of.
WITH delivered AS (
    SELECT (SELECT min(_known_on) FROM linked.court__dishonest_debtor)       AS dishonest_on,
           (SELECT min(_known_on) FROM linked.court__enforcement)            AS enforcement_on,
           (SELECT min(_known_on) FROM linked.court__judgment)               AS judgment_on,
           (SELECT min(_known_on) FROM linked.court__restricted_consumption) AS restricted_on
),
dishonest AS (
    SELECT s.firm_id, s.as_of, count(*) AS n
    FROM spine s
    JOIN linked.court__dishonest_debtor d
      ON d.firm_id = s.firm_id
     AND d._known_on <= s.as_of
     AND (d._superseded_on IS NULL OR d._superseded_on > s.as_of)
     AND d.published_on <= s.as_of
     AND (d.removed_on IS NULL OR d.removed_on > s.as_of)
    GROUP BY ALL
),
enforcement_case AS (
    SELECT s.firm_id, s.as_of, s.as_of_36m, e.case_no,
           max(e.filed_on)    AS filed_on,
           max(e.closed_on)   AS closed_on,
           max(e.amount_yuan) AS amount_yuan
    FROM spine s
    JOIN linked.court__enforcement e
      ON e.firm_id = s.firm_id
     AND e._known_on <= s.as_of
     AND (e._superseded_on IS NULL OR e._superseded_on > s.as_of)
     AND e.filed_on <= s.as_of
    GROUP BY ALL
),
enforcement AS (
    SELECT firm_id, as_of,
           sum(CASE WHEN filed_on > as_of_36m THEN 1 ELSE 0 END)                                AS cases_36m,
           sum(CASE WHEN closed_on IS NULL OR closed_on > as_of THEN amount_yuan ELSE 0 END)    AS open_yuan
    FROM enforcement_case
    GROUP BY ALL
),
judgment AS (
    SELECT s.firm_id, s.as_of, count(DISTINCT j.case_no) AS n
    FROM spine s
    JOIN linked.court__judgment j
      ON j.firm_id = s.firm_id
     AND j._known_on <= s.as_of
     AND (j._superseded_on IS NULL OR j._superseded_on > s.as_of)
     AND j.judged_on <= s.as_of
     AND j.judged_on > s.as_of_36m
    WHERE j.role = '被告'
    GROUP BY ALL
),
restricted AS (
    SELECT s.firm_id, s.as_of, count(*) AS n
    FROM spine s
    JOIN linked.court__restricted_consumption r
      ON r.firm_id = s.firm_id
     AND r._known_on <= s.as_of
     AND (r._superseded_on IS NULL OR r._superseded_on > s.as_of)
     AND r.issued_on <= s.as_of
     AND (r.lifted_on IS NULL OR r.lifted_on > s.as_of)
    GROUP BY ALL
)
SELECT s.firm_id,
       s.as_of,
       CASE WHEN d.dishonest_on <= s.as_of THEN CASE WHEN x.n > 0 THEN 1.0 ELSE 0.0 END END          AS dishonest_active,
       CASE WHEN d.enforcement_on <= s.as_of THEN CAST(coalesce(e.cases_36m, 0) AS DOUBLE) END       AS enforcements_36m,
       CASE WHEN d.enforcement_on <= s.as_of THEN CAST(coalesce(e.open_yuan, 0) AS DOUBLE) END       AS enforcement_open_amount,
       CASE WHEN d.judgment_on <= s.as_of THEN CAST(coalesce(j.n, 0) AS DOUBLE) END                  AS judgments_as_defendant_36m,
       CASE WHEN d.restricted_on <= s.as_of THEN CASE WHEN r.n > 0 THEN 1.0 ELSE 0.0 END END         AS restricted_consumption_active
FROM spine s
CROSS JOIN delivered d
LEFT JOIN dishonest x   ON x.firm_id = s.firm_id AND x.as_of = s.as_of
LEFT JOIN enforcement e ON e.firm_id = s.firm_id AND e.as_of = s.as_of
LEFT JOIN judgment j    ON j.firm_id = s.firm_id AND j.as_of = s.as_of
LEFT JOIN restricted r  ON r.firm_id = s.firm_id AND r.as_of = s.as_of

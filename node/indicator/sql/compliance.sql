-- Whether a firm keeps the rules: penalties, lists, environment, labour.
-- One row per spine row; 0 for a firm of which nothing was reported, missing while a catalogue was never delivered; the environment rating is
-- missing for a firm that is not rated.
-- From market regulation's, environment's and human resources' catalogues as known on as_of; what had happened by as_of. Penalties of market
-- regulation and of environment count alike.
WITH delivered AS (
    SELECT (SELECT min(_known_on) FROM linked.market_regulation__penalty)            AS penalty_on,
           (SELECT min(_known_on) FROM linked.market_regulation__abnormal_list)      AS abnormal_on,
           (SELECT min(_known_on) FROM linked.market_regulation__serious_illegality) AS serious_on,
           (SELECT min(_known_on) FROM linked.human_resources__labour_dispute)       AS labour_on
),
penalty_case AS (
    SELECT firm_id, case_no, penalised_on, amount_yuan, _known_on, _superseded_on FROM linked.market_regulation__penalty
    UNION ALL
    SELECT firm_id, case_no, penalised_on, amount_yuan, _known_on, _superseded_on FROM linked.environment__environment_penalty
),
penalty_once AS (
    SELECT s.firm_id, s.as_of, p.case_no, max(p.amount_yuan) AS amount_yuan
    FROM spine s
    JOIN penalty_case p
      ON p.firm_id = s.firm_id
     AND p._known_on <= s.as_of
     AND (p._superseded_on IS NULL OR p._superseded_on > s.as_of)
     AND p.penalised_on <= s.as_of
     AND p.penalised_on > s.as_of_36m
    GROUP BY ALL
),
penalties AS (
    SELECT firm_id, as_of, count(*) AS n, sum(amount_yuan) AS yuan FROM penalty_once GROUP BY ALL
),
abnormal_case AS (
    SELECT s.firm_id, s.as_of, s.as_of_36m, a.listed_on, max(a.removed_on) AS removed_on
    FROM spine s
    JOIN linked.market_regulation__abnormal_list a
      ON a.firm_id = s.firm_id
     AND a._known_on <= s.as_of
     AND (a._superseded_on IS NULL OR a._superseded_on > s.as_of)
     AND a.listed_on <= s.as_of
    GROUP BY ALL
),
abnormal AS (
    SELECT firm_id, as_of,
           max(CASE WHEN removed_on IS NULL OR removed_on > as_of THEN 1 ELSE 0 END) AS listed,
           sum(greatest(datediff('day',
                   CASE WHEN listed_on > as_of_36m THEN listed_on ELSE as_of_36m END,
                   CASE WHEN removed_on < as_of THEN removed_on ELSE as_of END), 0)) AS days_36m
    FROM abnormal_case
    GROUP BY ALL
),
serious AS (
    SELECT s.firm_id, s.as_of, count(*) AS n
    FROM spine s
    JOIN linked.market_regulation__serious_illegality x
      ON x.firm_id = s.firm_id
     AND x._known_on <= s.as_of
     AND (x._superseded_on IS NULL OR x._superseded_on > s.as_of)
     AND x.listed_on <= s.as_of
     AND (x.removed_on IS NULL OR x.removed_on > s.as_of)
    GROUP BY ALL
),
rating_of AS (
    SELECT s.firm_id, s.as_of, e.rating_year, max(e.rating) AS rating
    FROM spine s
    JOIN linked.environment__environment_rating e
      ON e.firm_id = s.firm_id
     AND e._known_on <= s.as_of
     AND (e._superseded_on IS NULL OR e._superseded_on > s.as_of)
    GROUP BY 1, 2, 3
),
rating AS (
    SELECT firm_id, as_of, max_by(rating, rating_year) AS rating FROM rating_of GROUP BY 1, 2
),
labour AS (
    SELECT s.firm_id, s.as_of, count(DISTINCT l.case_no) AS n
    FROM spine s
    JOIN linked.human_resources__labour_dispute l
      ON l.firm_id = s.firm_id
     AND l._known_on <= s.as_of
     AND (l._superseded_on IS NULL OR l._superseded_on > s.as_of)
     AND l.accepted_on <= s.as_of
     AND l.accepted_on > s.as_of_24m
    GROUP BY ALL
)
SELECT s.firm_id,
       s.as_of,
       CASE WHEN d.penalty_on <= s.as_of THEN CAST(coalesce(p.n, 0) AS DOUBLE) END           AS penalties_36m,
       CASE WHEN d.penalty_on <= s.as_of THEN CAST(coalesce(p.yuan, 0) AS DOUBLE) END        AS penalty_amount_36m,
       CASE WHEN d.abnormal_on <= s.as_of THEN CAST(coalesce(a.listed, 0) AS DOUBLE) END     AS abnormal_listed,
       CASE WHEN d.abnormal_on <= s.as_of THEN coalesce(a.days_36m, 0) / 30.4375 END         AS abnormal_months_36m,
       CASE WHEN d.serious_on <= s.as_of THEN CASE WHEN x.n > 0 THEN 1.0 ELSE 0.0 END END    AS serious_illegality_listed,
       CASE e.rating WHEN '绿' THEN 5.0 WHEN '蓝' THEN 4.0 WHEN '黄' THEN 3.0 WHEN '红' THEN 2.0 WHEN '黑' THEN 1.0 END AS environment_rating,
       CASE WHEN d.labour_on <= s.as_of THEN CAST(coalesce(l.n, 0) AS DOUBLE) END            AS labour_disputes_24m
FROM spine s
CROSS JOIN delivered d
LEFT JOIN penalties p ON p.firm_id = s.firm_id AND p.as_of = s.as_of
LEFT JOIN abnormal a  ON a.firm_id = s.firm_id AND a.as_of = s.as_of
LEFT JOIN serious x   ON x.firm_id = s.firm_id AND x.as_of = s.as_of
LEFT JOIN rating e    ON e.firm_id = s.firm_id AND e.as_of = s.as_of
LEFT JOIN labour l    ON l.firm_id = s.firm_id AND l.as_of = s.as_of

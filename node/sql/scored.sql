-- What is said of each firm: one row per firm and date of which anything is known, with a portrait and an advised limit on the date of the refresh (?1).
-- From refresh.judged (scores, with the reasons as text) and refresh.portrait.
INSERT INTO refresh.scored
WITH drawn AS (
    SELECT firm_id,
           max(CASE WHEN side = 1 THEN worth END) AS dim_1, max(CASE WHEN side = 2 THEN worth END) AS dim_2, max(CASE WHEN side = 3 THEN worth END) AS dim_3,
           max(CASE WHEN side = 4 THEN worth END) AS dim_4, max(CASE WHEN side = 5 THEN worth END) AS dim_5, max(CASE WHEN side = 6 THEN worth END) AS dim_6,
           max(CASE WHEN side = 1 THEN drivers END) AS drivers_1, max(CASE WHEN side = 2 THEN drivers END) AS drivers_2, max(CASE WHEN side = 3 THEN drivers END) AS drivers_3,
           max(CASE WHEN side = 4 THEN drivers END) AS drivers_4, max(CASE WHEN side = 5 THEN drivers END) AS drivers_5, max(CASE WHEN side = 6 THEN drivers END) AS drivers_6
    FROM refresh.portrait
    GROUP BY firm_id
)
SELECT j.firm_id, j.as_of, j.score, j.grade, j.pd, CASE WHEN j.as_of = CAST(?1 AS DATE) THEN j.limit_fen END,
       d.dim_1, d.dim_2, d.dim_3, d.dim_4, d.dim_5, d.dim_6,
       d.drivers_1, d.drivers_2, d.drivers_3, d.drivers_4, d.drivers_5, d.drivers_6,
       j.reasons
FROM refresh.judged j
LEFT JOIN drawn d ON d.firm_id = j.firm_id AND j.as_of = CAST(?1 AS DATE)

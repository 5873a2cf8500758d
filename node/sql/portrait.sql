-- How the city's standing firms stand among each other: one row per firm and side of the portrait of which anything is known. About 1,200,000 rows
-- for 200,000 firms. From refresh.told: one row per firm and trait (its place in the list of traits, the side that it belongs to, the direction in
-- which more is better, the number of its reason) with the firm's value, on the date of the refresh.
-- A share is the part of the firms that the value beats, ties counting half, turned so that 1 is best; a side is the mean of its traits' shares, from 0
-- to 100; its drivers are up to three traits that stand visibly away from the middle, furthest first.
WITH counted AS (
    SELECT place, v, count(*) AS firms FROM refresh.told GROUP BY 1, 2
),
placed AS (
    SELECT place, v,
           (sum(firms) OVER (PARTITION BY place ORDER BY v) - firms / 2.0) / sum(firms) OVER (PARTITION BY place) AS share
    FROM counted
),
turned AS (
    SELECT t.firm_id, t.side, t.place, t.reason, CASE WHEN t.direction < 0 THEN 1 - p.share ELSE p.share END AS share
    FROM refresh.told t
    JOIN placed p ON p.place = t.place AND p.v = t.v
)
SELECT firm_id, side,
       CAST(floor(round(100 * avg(share), 9) + 0.5) AS INTEGER) AS worth,
       coalesce(array_to_string(list_slice(
           list(reason || CASE WHEN share > 0.5 THEN ':+' ELSE ':-' END ORDER BY abs(share - 0.5) DESC, place) FILTER (abs(share - 0.5) >= 0.05), 1, 3), ';'), '') AS drivers
FROM turned
GROUP BY 1, 2

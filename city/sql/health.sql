-- The hidden health of every firm: AR(1) around its own level, moved by its industry and by its customers in the city.

-- One row per section and month: what happened to everybody in that line of business. The dents are the closures of
-- spring and December 2022, the long decline of building, the weak autumn of 2024 and weak exports in 2025.
CREATE TABLE shock AS
SELECT section, t,
       0.05 * z(ascii(section), t, 'shock')
       + CASE WHEN section IN ('H', 'F', 'O') AND t IN (2, 3, 4, 10, 11) THEN -0.16 ELSE 0 END
       + CASE WHEN section IN ('H', 'L') AND t BETWEEN 13 AND 17 THEN 0.10 ELSE 0 END
       + CASE WHEN section = 'E' AND t BETWEEN 16 AND 34 THEN -0.030 ELSE 0 END
       + CASE WHEN section = 'F' AND t BETWEEN 31 AND 34 THEN -0.05 ELSE 0 END
       + CASE WHEN section = 'C' AND t BETWEEN 39 AND 43 THEN -0.07 WHEN section = 'C' AND t BETWEEN 44 AND 50 THEN 0.04 ELSE 0 END
       + CASE WHEN section = 'A' AND t BETWEEN 20 AND 28 THEN -0.02 ELSE 0 END AS shock
FROM (SELECT DISTINCT section FROM industry) s, range(-23, last_month() + 1) m(t);

-- One row per firm and month: the firm's own luck. One month in 170 brings a blow (a fire, a fraud, a customer lost).
CREATE TABLE luck AS
SELECT firm, t, 0.0066 + 0.16 * z(firm, t, 'health') - CASE WHEN u(firm, t, 'health.blow') < 0.006 THEN 1.1 ELSE 0 END + shock AS luck
FROM firm JOIN shock USING (section);

-- One row per firm and month from two years before the window. x is the part that moves; strength follows health slowly and is
-- what a firm's size answers to. What customers pass on is summed in integers: the order of addition must not matter.
CREATE TABLE health AS
WITH RECURSIVE life(firm, t, mu, x, strength) AS (
    SELECT firm, -24::BIGINT, mu, 0.55 * z(firm, -24, 'health.start'), mu FROM firm
    UNION ALL
    SELECT b.firm, b.t + 1, b.mu, 0.945 * b.x + 0.045 * coalesce(c.x, 0) + luck,
           0.86 * b.strength + 0.14 * (b.mu + 0.945 * b.x + 0.045 * coalesce(c.x, 0) + luck)
    FROM life b
    JOIN luck ON luck.firm = b.firm AND luck.t = b.t + 1
    LEFT JOIN (
        SELECT seller, sum(share * round(life.x * 1000000)::BIGINT)::DOUBLE / 1000000 / sum(share)::DOUBLE AS x
        FROM customer JOIN life ON life.firm = buyer
        GROUP BY seller
    ) c ON c.seller = b.firm
    WHERE b.t < last_month()
)
SELECT firm, t, mu + x AS h, strength FROM life;

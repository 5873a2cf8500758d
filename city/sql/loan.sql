-- Loans and how they ended. Made: loan. Given: firm, health, bank_list.

-- The chance that a firm with health h misses a payment in a month and does not make it good soon.
CREATE MACRO hazard(h) AS least(0.5, exp(-5.95 - 1.8 * h));

-- One row per loan. A firm asks for twelve months at a time, every thirteen months at most, when it is a year old; after a default
-- nobody lends to it. missed is the month of the loan in which payments stop, cured_days for how long when they are made good.
CREATE TABLE loan AS
WITH asked AS (
    SELECT firm, 12 + pick(14, firm, 0, 'loan.first') + 13 * k AS t, kind, mu, base_sales, born FROM firm, range(4) s(k)
    WHERE u(firm, k, 'loan.asks') < CASE kind WHEN 'enterprise' THEN 0.60 ELSE 0.28 END
), granted AS (
    SELECT a.*, h.h, month_of(a.t) + pick(28, a.firm, a.t, 'loan.day')::INTEGER AS lent_on
    FROM asked a JOIN health h USING (firm, t)
    WHERE born < month_of(a.t) - INTERVAL 12 MONTH AND u(a.firm, a.t, 'loan.granted') < 0.82 + 0.05 * h.h
), missed AS (
    SELECT g.firm, g.t, min(k) AS missed
    FROM granted g CROSS JOIN range(2, 13) m(k)
    JOIN health h ON h.firm = g.firm AND h.t = g.t + k
    WHERE u(g.firm, g.t * 100 + k, 'loan.missed') < hazard(h.h)
    GROUP BY g.firm, g.t
), ended AS (
    SELECT g.*, missed,
           CASE WHEN missed IS NOT NULL AND u(g.firm, g.t, 'loan.cured') < 0.22 THEN 12 + pick(60, g.firm, g.t, 'loan.cured') END AS cured_days
    FROM granted g LEFT JOIN missed USING (firm, t)
), lent AS (
    SELECT *, coalesce(max(CASE WHEN missed IS NOT NULL AND cured_days IS NULL THEN 1 ELSE 0 END) OVER earlier, 0) AS defaulted_before
    FROM ended
    WINDOW earlier AS (PARTITION BY firm ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT row_number() OVER (ORDER BY t, lent_on, firm) AS loan, firm, t, lent_on::DATE AS lent_on, (lent_on + INTERVAL 12 MONTH)::DATE AS due_on, h AS health_lent,
       (lent_on + to_months(missed::INTEGER))::DATE AS missed_on, cured_days,
       -- Overdue for more than 90 days within twelve months of lending; unknown while the twelve months last.
       CASE WHEN missed <= 8 AND cured_days IS NULL AND lent_on + to_months(missed::INTEGER) + INTERVAL 91 DAY <= last_day_lived() THEN true
            WHEN lent_on + INTERVAL 12 MONTH <= last_day_lived() THEN false END AS defaulted,
       1 - list_product(list_transform(range(2, 9), lambda k: 1 - 0.78 * hazard(mu + (h - mu) * power(0.955, k)))) AS pd,
       greatest(3, least(50, round(base_sales * exp(0.25 * h) / 100000000 * (1.2 + 1.6 * u(firm, t, 'loan.amount')) * CASE kind WHEN 'individual' THEN 6 ELSE 1.6 END)))::BIGINT
           * CASE kind WHEN 'individual' THEN 1 ELSE 10 END * 1000000 AS amount_fen,
       1 + pick(8, firm, t // 20, 'loan.bank') AS bank,
       round((3.65 - 0.012 * (t - 12) + 0.35 - 0.22 * least(2, greatest(-2, h)) + 0.25 * u(firm, t, 'loan.rate')) * 20)::BIGINT AS rate_base
FROM lent WHERE defaulted_before = 0;

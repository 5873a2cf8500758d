-- What happens to firms: the end of some, changes in the register, and each month's figures. Given: firm, health, loan.
-- Made: who, firm_month, event.

-- One row per firm that closes: the month, never while a loan runs; a firm in default is closed by others, later.
CREATE TABLE death AS
WITH struck AS (
    SELECT h.firm, min(h.t) AS t
    FROM health h JOIN firm f USING (firm)
    WHERE h.t >= 0 AND month_of(h.t) > f.born + 300
      AND u(h.firm, h.t, 'death') < least(0.08, exp(-6.3 - 0.85 * h.h)) * CASE f.kind WHEN 'individual' THEN 1.5 ELSE 1 END
      AND NOT EXISTS (FROM loan l WHERE l.firm = h.firm AND h.t BETWEEN l.t - 1 AND l.t + CASE WHEN l.defaulted THEN 26 ELSE 15 END
                      -- A loan of the months that an increment adds does not raise the dead.
                      AND (l.t <= 56 OR h.t > 56))
    GROUP BY h.firm
)
SELECT firm, t, month_of(t) + pick(28, firm, t, 'death.day')::INTEGER AS died_on,
       CASE WHEN u(firm, t, 'death.kind') < 0.12 THEN '吊销' ELSE '注销' END AS end_status
FROM struck;

DELETE FROM loan USING death d WHERE d.firm = loan.firm AND loan.t >= d.t;

-- One row per firm: firm, and what changes in the register during its life, each at most once.
CREATE TABLE who AS
WITH head_change AS (
    SELECT h.firm, min(h.t) AS t FROM health h JOIN firm f USING (firm)
    WHERE f.kind = 'enterprise' AND h.t BETWEEN 0 AND last_month() AND month_of(h.t) > f.born + 200
      AND u(h.firm, h.t, 'head.change') < least(0.03, 0.0016 * exp(-0.6 * h.h))
    GROUP BY h.firm
)
SELECT f.*, d.died_on::DATE AS died_on, d.t AS died_t, d.end_status,
       CASE WHEN c.t < coalesce(d.t, 99) THEN (month_of(c.t) + pick(27, f.firm, 0, 'head.change.day')::INTEGER)::DATE END AS head_changed_on,
       CASE WHEN moved_on > f.born + 100 AND moved_on < coalesce(d.died_on, last_day_lived()) THEN moved_on END AS moved_on,
       city_name || county_name || one_of(roads, f.firm, 1, 'road') || (1 + pick(400, f.firm, 1, 'door')) || '号' AS new_address,
       capital_wan,
       CASE WHEN raised_on > f.born + 100 AND raised_on < coalesce(d.died_on, last_day_lived()) THEN raised_on END AS raised_on,
       capital_wan * (2 + pick(3, f.firm, 0, 'capital.times')) AS new_capital_wan,
       first_person.name AS head_name, first_person.resident_id AS head_id,
       next_person.name AS successor_name, next_person.resident_id AS successor_id,
       other_person.name AS partner_name, other_person.resident_id AS partner_id,
       -- Taxpayers above five million yuan a year are general ones, who declare every month.
       f.kind = 'enterprise' AND f.base_sales * 12 > 500000000 AS general_taxpayer
FROM (SELECT *, CASE WHEN kind = 'enterprise' AND u(firm, 0, 'moves') < 0.10 THEN DATE '2022-01-10' + pick(1700, firm, 0, 'moved.on')::INTEGER END AS moved_on,
             CASE WHEN kind = 'enterprise' AND u(firm, 0, 'raises') < 0.07 + 0.03 * mu THEN DATE '2022-01-10' + pick(1700, firm, 0, 'raised.on')::INTEGER END AS raised_on,
             CASE kind WHEN 'enterprise' THEN [10, 30, 50, 100, 100, 200, 300, 500, 500, 1000, 2000][least(11, greatest(1, 6 + (2.2 * log_size + 1.2 * z(firm, 0, 'capital'))::INTEGER))] END AS capital_wan
      FROM firm) f
JOIN person first_person ON first_person.id = f.head
JOIN person next_person ON next_person.id = f.successor
JOIN person other_person ON other_person.id = f.partner
LEFT JOIN death d ON d.firm = f.firm
LEFT JOIN head_change c ON c.firm = f.firm,
road_list;

UPDATE who SET renamed_on = NULL WHERE renamed_on >= died_on;

-- One row per firm and month of its life in the window: what it sold, bought, whom it employed; amounts in fen.
CREATE TABLE firm_month AS
WITH lived AS (
    SELECT w.firm, h.t, month_of(h.t) AS month, w.kind, w.section, w.base_sales, w.margin, w.people_per_wan, w.invoices, w.city_share, h.h, h.strength,
           (h.t - month_no(w.born))::INTEGER AS age, coalesce(w.died_t - h.t, 99) AS left_months,
           w.base_sales * exp(w.trend * h.t / 12.0) * s.factor[month(month_of(h.t))] AS normal_sales
    FROM who w
    JOIN health h ON h.firm = w.firm AND h.t >= 0 AND h.t >= month_no(w.born) AND h.t <= coalesce(w.died_t, 99)
    JOIN season_list s ON s.season = w.season
), sold AS (
    SELECT *,
        CASE WHEN u(firm, t, 'idle') < logistic(-4.7 - 1.8 * h - CASE kind WHEN 'individual' THEN -0.6 ELSE 0 END + CASE WHEN left_months < 4 THEN 3 ELSE 0 END) THEN 0
             ELSE round(normal_sales * exp(0.50 * strength + 0.20 * h + least(1.0, 0.17 * exp(-0.38 * h)) * z(firm, t, 'sales'))
                        * least(1.0, 0.25 + 0.08 * age) * CASE WHEN left_months < 6 THEN 0.25 + 0.1 * left_months ELSE 1 END)::BIGINT END AS sales_fen,
        base_sales / 1000000 * people_per_wan * exp(0.38 * strength) * least(1.0, 0.4 + 0.05 * age)
            * CASE WHEN left_months < 6 THEN 0.3 + 0.1 * left_months ELSE 1 END AS people
    FROM lived
)
SELECT *,
       round(0.86 * sales_fen * greatest(0.25, 1 - margin * exp(0.30 * greatest(-2.5, least(2.5, h)))) * exp(0.18 * z(firm, t, 'purchases')))::BIGINT AS purchase_fen,
       whole(people + 0.25 * z(firm, t // 3, 'headcount') - 0.3, firm, 0, 'headcount') AS headcount
FROM sold;

-- How often things befall a firm in a month at health 0, how much more often at health -1, and to whom.
CREATE TABLE event_list AS
FROM (VALUES
    ('tax_arrears', 0.0050, 1.35, ['enterprise'], NULL),
    ('power_arrears', 0.0050, 1.30, ['enterprise', 'individual'], NULL),
    ('water_arrears', 0.0024, 1.20, ['enterprise', 'individual'], NULL),
    ('labour_dispute', 0.0032, 0.95, ['enterprise'], NULL),
    ('sued', 0.0050, 1.10, ['enterprise', 'individual'], NULL),
    ('suing', 0.0040, -0.05, ['enterprise'], NULL),
    ('penalty', 0.0036, 0.50, ['enterprise', 'individual'], NULL),
    ('environment_penalty', 0.0030, 0.40, ['enterprise'], ['C', 'E', 'A']),
    ('unreachable', 0.0014, 1.05, ['enterprise'], NULL),
    ('serious', 0.00016, 1.10, ['enterprise'], NULL),
    ('patent', 0.0110, -0.45, ['enterprise'], ['C', 'I', 'M'])
) t(event, rate, slope, kinds, sections);

-- One row per event: to whom, in which month, on which day.
CREATE TABLE event AS
SELECT m.firm, m.t, e.event, (m.month + pick(27, m.firm, m.t, e.event || '.day')::INTEGER)::DATE AS happened_on, m.h, m.sales_fen, m.headcount
FROM firm_month m JOIN event_list e ON list_contains(e.kinds, m.kind) AND (e.sections IS NULL OR list_contains(e.sections, m.section))
WHERE u(m.firm, m.t, e.event) < least(0.4, e.rate * exp(-e.slope * m.h)) * CASE m.kind WHEN 'individual' THEN 0.5 ELSE 1 END;

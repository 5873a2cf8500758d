-- One row per firm and year in which it was published as one that keeps its contracts.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, y AS public_year,
       CASE WHEN strength > 1.3 THEN '省级' ELSE '市级' END AS tier, 20 + pick(300, firm, y, 'trustworthy_contract.signed') AS signed,
       20 + pick(300, firm, y, 'trustworthy_contract.signed') - pick(3, firm, y, 'trustworthy_contract.broken') AS kept,
       1 + pick(8, firm, 0, 'trustworthy_contract.years') AS consecutive, on_day AS published_on
FROM (
    SELECT w.*, y, health.h, health.strength, (make_date(y + 1, 6, 20) + pick(30, w.firm, y, 'trustworthy_contract.day')::INTEGER)::DATE AS on_day
    FROM who w CROSS JOIN range(2020, 2026) r(y)
    JOIN health ON health.firm = w.firm AND health.t = (y - 2022) * 12 + 11
    WHERE w.kind = 'enterprise'
      AND health.strength > 0.3 AND w.born < make_date(y - 1, 1, 1)
      AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 6, 20))
      AND u(w.firm, 0, 'trustworthy_contract') < 0.16 * exp(0.2 * w.mu)
)
WHERE on_day <= last_day_lived()

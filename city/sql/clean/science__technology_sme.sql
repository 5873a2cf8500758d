-- One row per firm and year entered.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, y AS entry_year,
       (y + 1) || division_code || '08' || digits8(firm, 50691309) AS entry_no,
       least(500, greatest(3, round(base_sales / 1000000 * people_per_wan * exp(0.3 * strength))))::BIGINT AS staff,
       ((10 + pick(30, firm, y, 'technology_sme.researchers')))::DOUBLE AS researchers_pct,
       round(3 + 5 * u(firm, y, 'technology_sme.rnd'), 2)::DOUBLE AS rnd_pct, round(62 + 30 * u(firm, y, 'technology_sme.score'), 1)::DOUBLE AS score,
       on_day AS entered_on
FROM (
    SELECT w.*, y, health.h, health.strength, (make_date(y + 1, 4, 20) + pick(120, w.firm, y, 'technology_sme.day')::INTEGER)::DATE AS on_day
    FROM who w CROSS JOIN range(2020, 2026) r(y)
    JOIN health ON health.firm = w.firm AND health.t = (y - 2022) * 12 + 11
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'I', 'M') AND health.strength > -0.8
      AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 4, 20))
      AND u(w.firm, 0, 'technology_sme') < 0.3 * exp(0.5 * w.mu)
)
WHERE on_day <= last_day_lived()

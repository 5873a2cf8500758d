-- One row per firm and year that claims the deduction.
SELECT firm AS _firm, known(on_day) AS _known_on, usci AS taxpayer_id, name_on(on_day, renamed_on, old_name, name) AS firm_name, y AS tax_year,
       (1 + pick(6, firm, y, 'rnd_deduction.projects')) AS projects, yuan(expense) AS expense_yuan,
       yuan(CASE WHEN y < 2021 THEN expense * 3 // 4 ELSE expense END) AS deduction_yuan,
       (CASE WHEN y < 2021 THEN 75 ELSE 100 END)::DOUBLE AS rate_pct, (2 + pick(24, firm, y, 'rnd_deduction.staff')) AS staff
FROM (
    SELECT w.*, y, health.h, health.strength, (make_date(y + 1, 3, 10) + pick(80, w.firm, y, 'rnd_deduction.day')::INTEGER)::DATE AS on_day,
           (round(w.base_sales * 12 * exp(0.5 * health.strength) * (0.03 + 0.05 * u(w.firm, 0, 'rnd_deduction.share'))))::BIGINT AS expense
    FROM who w CROSS JOIN range(2020, 2026) r(y)
    JOIN health ON health.firm = w.firm AND health.t = (y - 2022) * 12 + 11
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'I', 'M')
      AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 3, 10))
      AND u(w.firm, 0, 'rnd_deduction') < 0.2 * exp(0.6 * w.mu)
)
WHERE on_day <= last_day_lived()

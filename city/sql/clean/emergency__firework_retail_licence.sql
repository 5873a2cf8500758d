-- One row per shop and season licensed.
SELECT firm AS _firm, known(on_day) AS _known_on, '（皖' || left(city_name, 1) || '）YHLS〔' || year(on_day) || '〕' || digits8(firm, 277) AS licence_no,
       usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, address,
       (20 + 10 * pick(10, firm, 0, 'emergency__firework_retail_licence.limit'))::BIGINT AS limit_boxes,
       (50 + pick(150, firm, 0, 'emergency__firework_retail_licence.distance'))::DOUBLE AS safety_distance_m, on_day AS issued_on,
       make_date(y + 1, 12, 31) AS valid_until
FROM (
    SELECT w.*, y, make_date(y, 12, 1 + pick(28, w.firm, y, 'emergency__firework_retail_licence.day')::INTEGER) AS on_day
    FROM who w CROSS JOIN range(2020, 2031) r(y)
    WHERE w.industry_code IN ('F5211', 'F5212', 'F5226') AND u(w.firm, 0, 'emergency__firework_retail_licence') < 0.12
      AND u(w.firm, y, 'emergency__firework_retail_licence.again') < 0.85
)
WHERE on_day > born AND on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived()))

-- One row per licence, again when it is suspended; good for three years.
SELECT firm AS _firm, unnest(versions(on_day, CASE WHEN suspended < coalesce(died_on, DATE '2100-01-01') THEN suspended END)) AS _known_on,
       '（皖）JZ安许证字〔' || year(on_day) || '〕' || digits8(firm, 103) || k AS licence_no, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE WHEN head_changed_on <= on_day THEN successor_name ELSE head_name END AS main_person, '建筑施工' AS scope, on_day AS issued_on,
       until_day AS valid_until, told(CASE WHEN suspended < coalesce(died_on, DATE '2100-01-01') THEN suspended END, _known_on) AS suspended_on,
       CASE WHEN told(CASE WHEN suspended < coalesce(died_on, DATE '2100-01-01') THEN suspended END, _known_on) IS NULL THEN '有效' ELSE '暂扣' END AS status
FROM (
    SELECT w.*, k, (born + 12 + pick(200, firm, 0, 'housing_construction__safety_production_licence.day')::INTEGER + to_years((3 * k)::INTEGER))::DATE AS on_day,
           (born + 11 + pick(200, firm, 0, 'housing_construction__safety_production_licence.day')::INTEGER + to_years((3 * (k + 1))::INTEGER))::DATE AS until_day,
           CASE WHEN u(firm, k, 'housing_construction__safety_production_licence.suspended') < 0.05 * exp(-0.8 * mu) THEN (on_day + 100 + pick(900, firm, k, 'housing_construction__safety_production_licence.days')::INTEGER)::DATE END AS suspended
    FROM who w CROSS JOIN range(0, 9) r(k)
    WHERE (k = 0 OR u(firm, k, 'housing_construction__safety_production_licence.renewed') < 0.93) AND w.kind = 'enterprise'
      AND w.section = 'E' AND u(w.firm, 0, 'housing_construction__safety_production_licence') < 0.85
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived())) AND until_day >= DATE '2021-01-01'

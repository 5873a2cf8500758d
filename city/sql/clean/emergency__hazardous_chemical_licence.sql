-- One row per licence, again when it is cancelled; good for three years.
SELECT firm AS _firm, unnest(versions(on_day, cancelled)) AS _known_on,
       '皖' || left(city_name, 1) || '危化经字〔' || year(on_day) || '〕' || digits8(firm, 239) || k || '号' AS licence_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE WHEN head_changed_on <= on_day THEN successor_name ELSE head_name END AS main_person,
       one_of(['油漆、稀释剂', '乙醇、丙酮', '氧气、乙炔', '盐酸、硫酸', '甲醇汽油'], firm, 0, 'emergency__hazardous_chemical_licence.scope') AS scope,
       CASE WHEN u(firm, 0, 'emergency__hazardous_chemical_licence.storage') < 0.25 THEN '带储存设施' ELSE '不带储存设施' END AS storage, on_day AS issued_on,
       until_day AS valid_until, told(cancelled, _known_on) AS cancelled_on
FROM (
    SELECT w.*, k, (born + 12 + pick(200, firm, 0, 'emergency__hazardous_chemical_licence.day')::INTEGER + to_years((3 * k)::INTEGER))::DATE AS on_day,
           (born + 11 + pick(200, firm, 0, 'emergency__hazardous_chemical_licence.day')::INTEGER + to_years((3 * (k + 1))::INTEGER))::DATE AS until_day,
           CASE WHEN died_on BETWEEN on_day AND until_day THEN died_on + 20 END AS cancelled
    FROM who w CROSS JOIN range(0, 9) r(k)
    WHERE (k = 0 OR u(firm, k, 'emergency__hazardous_chemical_licence.renewed') < 0.93)
      AND (w.industry_code IN ('F5165', 'F5179', 'F5281') AND w.kind = 'enterprise' AND u(w.firm, 0, 'emergency__hazardous_chemical_licence') < 0.2) OR (w.industry_code IN ('C2926', 'C3985') AND u(w.firm, 0, 'emergency__hazardous_chemical_licence') < 0.25)
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived())) AND until_day >= DATE '2021-01-01'

-- One row per licence; good for five years.
SELECT firm AS _firm, known(on_day) AS _known_on, '农药经许（皖）' || division_code || digits8(firm, 43) || '-' || k AS licence_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE WHEN head_changed_on <= on_day THEN successor_name ELSE head_name END AS legal_person,
       CASE WHEN u(firm, 0, 'agriculture__pesticide_licence.restricted') < 0.1 THEN '农药' ELSE '农药（限制使用农药除外）' END AS scope,
       CASE WHEN u(firm, 0, 'agriculture__pesticide_licence.restricted') < 0.1 THEN '是' ELSE '否' END AS restricted, address, on_day AS issued_on,
       until_day AS valid_until
FROM (
    SELECT w.*, k, (born + 12 + pick(200, firm, 0, 'agriculture__pesticide_licence.day')::INTEGER + to_years((5 * k)::INTEGER))::DATE AS on_day,
           (born + 11 + pick(200, firm, 0, 'agriculture__pesticide_licence.day')::INTEGER + to_years((5 * (k + 1))::INTEGER))::DATE AS until_day
    FROM who w CROSS JOIN range(0, 6) r(k)
    WHERE (k = 0 OR u(firm, k, 'agriculture__pesticide_licence.renewed') < 0.93) AND w.industry_code IN ('F5111', 'F5123', 'F5211', 'F5281')
      AND u(w.firm, 0, 'agriculture__pesticide_licence') < 0.16
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived())) AND until_day >= DATE '2021-01-01'

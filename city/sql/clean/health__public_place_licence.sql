-- One row per licence, again when it is cancelled; good for four years.
SELECT firm AS _firm, unnest(versions(on_day, cancelled)) AS _known_on,
       left(city_name, 1) || '卫公证字〔' || year(on_day) || '〕第' || digits8(firm, 281) || k || '号' AS licence_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE WHEN head_changed_on <= on_day THEN successor_name ELSE head_name END AS legal_person,
       CASE industry_code WHEN 'H6121' THEN '住宿场所' WHEN 'O8040' THEN '美容美发场所' ELSE '商场（超市）' END AS place_kind, address,
       (1 + floor(base_sales / 1000000.0 * people_per_wan))::BIGINT AS employee_count, on_day AS issued_on, until_day AS valid_until,
       told(cancelled, _known_on) AS cancelled_on
FROM (
    SELECT w.*, k, (born + 12 + pick(200, firm, 0, 'health__public_place_licence.day')::INTEGER + to_years((4 * k)::INTEGER))::DATE AS on_day,
           (born + 11 + pick(200, firm, 0, 'health__public_place_licence.day')::INTEGER + to_years((4 * (k + 1))::INTEGER))::DATE AS until_day,
           CASE WHEN died_on BETWEEN on_day AND until_day THEN died_on + 30 END AS cancelled
    FROM who w CROSS JOIN range(0, 7) r(k)
    WHERE (k = 0 OR u(firm, k, 'health__public_place_licence.renewed') < 0.93)
      AND (w.industry_code IN ('H6121', 'O8040', 'F5212') AND u(w.firm, 0, 'health__public_place_licence') < 0.85) OR (w.industry_code = 'F5211' AND w.kind = 'enterprise' AND u(w.firm, 0, 'health__public_place_licence') < 0.3)
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived())) AND until_day >= DATE '2021-01-01'

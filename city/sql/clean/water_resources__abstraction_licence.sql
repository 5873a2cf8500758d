-- One row per licence, again when it is cancelled; good for five years.
SELECT firm AS _firm, unnest(versions(on_day, cancelled)) AS _known_on,
       'B' || division_code || CASE WHEN u(firm, 0, 'water_resources__abstraction_licence.source') < 0.35 THEN 'G'
           ELSE 'S' END || year(on_day) || digits8(firm, 313) || lpad(k::VARCHAR, 2, '0') AS licence_no,
       usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, address,
       CASE WHEN u(firm, 0, 'water_resources__abstraction_licence.source') < 0.35 THEN '地下水' ELSE '地表水' END AS source,
       CASE section WHEN 'A' THEN '农业养殖用水' ELSE '工业用水' END AS use_kind,
       (1000 * (2 + pick(60, firm, 0, 'water_resources__abstraction_licence.quota')))::DOUBLE AS quota_m3, on_day AS valid_from,
       until_day AS valid_until, told(cancelled, _known_on) AS cancelled_on
FROM (
    SELECT w.*, k, (born + 12 + pick(200, firm, 0, 'water_resources__abstraction_licence.day')::INTEGER + to_years((5 * k)::INTEGER))::DATE AS on_day,
           (born + 11 + pick(200, firm, 0, 'water_resources__abstraction_licence.day')::INTEGER + to_years((5 * (k + 1))::INTEGER))::DATE AS until_day,
           CASE WHEN died_on BETWEEN on_day AND until_day THEN died_on + 40 END AS cancelled
    FROM who w CROSS JOIN range(0, 6) r(k)
    WHERE (k = 0 OR u(firm, k, 'water_resources__abstraction_licence.renewed') < 0.93)
      AND (w.section = 'C' AND w.kind = 'enterprise' AND u(w.firm, 0, 'water_resources.takes') < 0.18) OR (w.industry_code = 'A0412' AND u(w.firm, 0, 'water_resources.takes') < 0.6)
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived())) AND until_day >= DATE '2021-01-01'

-- One row per licence, again when it is cancelled; good for four years.
SELECT firm AS _firm, unnest(versions(on_day, cancelled)) AS _known_on,
       '皖交运管许可六字' || division_code || digits8(firm, 29) || k || '号' AS licence_no, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE WHEN head_changed_on <= on_day THEN successor_name ELSE head_name END AS legal_person, division_code,
       one_of(['普通货运', '普通货运', '普通货运', '普通货运', '普通货运', '普通货运', '普通货运', '普通货运；货物专用运输（集装箱）', '道路危险货物运输', '普通货运；大型物件运输'], firm, 0, 'transport__road_transport_licence.scope') AS scope,
       on_day AS issued_on, until_day AS valid_until, CASE WHEN told(cancelled, _known_on) IS NULL THEN '营业' ELSE '注销' END AS status,
       told(cancelled, _known_on) AS cancelled_on
FROM (
    SELECT w.*, k, (born + 12 + pick(200, firm, 0, 'transport__road_transport_licence.day')::INTEGER + to_years((4 * k)::INTEGER))::DATE AS on_day,
           (born + 11 + pick(200, firm, 0, 'transport__road_transport_licence.day')::INTEGER + to_years((4 * (k + 1))::INTEGER))::DATE AS until_day,
           CASE WHEN died_on BETWEEN on_day AND until_day THEN died_on + 15 END AS cancelled
    FROM who w CROSS JOIN range(0, 7) r(k)
    WHERE (k = 0 OR u(firm, k, 'transport__road_transport_licence.renewed') < 0.93)
      AND w.section = 'G' OR (w.kind = 'enterprise' AND w.industry_code IN ('F5165', 'C3021', 'F5111') AND u(w.firm, 0, 'transport__road_transport_licence') < 0.15)
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived())) AND until_day >= DATE '2021-01-01'

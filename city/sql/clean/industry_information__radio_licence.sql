-- One row per licence of a firm that runs radio stations; good for three years.
SELECT firm AS _firm, known(on_day) AS _known_on, '34' || year(on_day) || digits8(firm, 229) AS licence_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['专用对讲机', '数字集群固定台', '微波站', '专用无线局域网'], firm, 0, 'industry_information__radio_licence.kind') AS station_kind,
       one_of(['150MHz', '400MHz', '800MHz', '5.8GHz'], firm, 0, 'industry_information__radio_licence.band') AS band,
       (one_of([1, 3, 4, 10, 25], firm, 0, 'industry_information__radio_licence.power'))::DOUBLE AS power_w,
       (1 + pick(30, firm, 0, 'industry_information__radio_licence.count'))::BIGINT AS station_count, on_day AS issued_on, until_day AS valid_until
FROM (
    SELECT w.*, k, (born + 12 + pick(200, firm, 0, 'industry_information__radio_licence.day')::INTEGER + to_years((3 * k)::INTEGER))::DATE AS on_day,
           (born + 11 + pick(200, firm, 0, 'industry_information__radio_licence.day')::INTEGER + to_years((3 * (k + 1))::INTEGER))::DATE AS until_day
    FROM who w CROSS JOIN range(0, 9) r(k)
    WHERE (k = 0 OR u(firm, k, 'industry_information__radio_licence.renewed') < 0.93) AND w.kind = 'enterprise'
      AND ((w.industry_code IN ('H6121', 'L7263', 'I6531') AND u(w.firm, 0, 'industry_information__radio_licence') < 0.3) OR (w.section IN ('G', 'E', 'C') AND u(w.firm, 0, 'industry_information__radio_licence') < 0.05))
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived())) AND until_day >= DATE '2021-01-01'

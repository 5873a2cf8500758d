-- One row per licence; good for five years.
SELECT firm AS _firm, known(on_day) AS _known_on, division_code || year(on_day) || digits8(firm, 547) || lpad(k::VARCHAR, 2, '0') AS licence_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE WHEN head_changed_on <= on_day THEN successor_name ELSE head_name END AS legal_person,
       CASE industry_code
           WHEN 'A0164' THEN '茶苗'
           ELSE one_of(['城镇绿化苗', '造林苗', '经济林苗', '花卉'], firm, 0, 'forestry__seedling_licence.species') END AS species,
       one_of(['生产', '批发', '零售'], firm, 0, 'forestry__seedling_licence.way') AS way,
       (5 + pick(200, firm, 0, 'forestry__seedling_licence.area'))::DOUBLE AS area_mu, on_day AS issued_on, until_day AS valid_until
FROM (
    SELECT w.*, k, (born + 12 + pick(200, firm, 0, 'forestry__seedling_licence.day')::INTEGER + to_years((5 * k)::INTEGER))::DATE AS on_day,
           (born + 11 + pick(200, firm, 0, 'forestry__seedling_licence.day')::INTEGER + to_years((5 * (k + 1))::INTEGER))::DATE AS until_day
    FROM who w CROSS JOIN range(0, 6) r(k)
    WHERE (k = 0 OR u(firm, k, 'forestry__seedling_licence.renewed') < 0.93)
      AND (w.industry_code = 'N7840' AND u(w.firm, 0, 'forestry__seedling_licence') < 0.6) OR (w.industry_code IN ('A0164', 'A0111') AND u(w.firm, 0, 'forestry__seedling_licence') < 0.1)
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived())) AND until_day >= DATE '2021-01-01'

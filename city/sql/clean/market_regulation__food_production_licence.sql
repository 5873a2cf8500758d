-- One row per licence to make food; it is good for five years.
SELECT firm AS _firm, known(issued_on) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       'SC1' || division_code || strftime(issued_on, '%y') || digits8(firm, 39378334) AS licence_no,
       CASE industry_code WHEN 'C1311' THEN '粮食加工品' WHEN 'C1353' THEN '肉制品' WHEN 'C1530' THEN '茶叶及相关制品' ELSE '其他食品' END AS category,
       CASE industry_code WHEN 'C1311' THEN '0102' WHEN 'C1353' THEN '0401' WHEN 'C1530' THEN '1401' ELSE '3101' END AS category_no,
       head_name AS legal_person, address, issued_on, valid_until,
       CASE WHEN mu > 0.8 THEN 'A' WHEN mu > -0.7 THEN 'B' WHEN mu > -1.6 THEN 'C' ELSE 'D' END AS risk_level
FROM (
    SELECT w.*, k, (born + 60 + pick(180, w.firm, k, 'food_production_licence.day')::INTEGER + to_years(5 * k::INTEGER))::DATE AS issued_on,
           (issued_on + INTERVAL 5 YEAR - INTERVAL 1 DAY)::DATE AS valid_until
    FROM who w CROSS JOIN range(5) r(k)
    WHERE w.industry_code IN ('C1311', 'C1353', 'C1530')
      AND u(w.firm, 0, 'food_production_licence') < 0.95
      AND (k = 0 OR u(w.firm, k, 'food_production_licence.renewed') < 0.93)
)
WHERE issued_on BETWEEN DATE '2017-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

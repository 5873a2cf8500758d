-- One row per licence to sell or serve food; it is good for five years.
SELECT firm AS _firm, known(issued_on) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       'JY' || CASE section WHEN 'H' THEN '2' ELSE '1' END || left(division_code, 4) || strftime(issued_on, '%Y') || digits8(firm, 57298343) AS licence_no,
       CASE section WHEN 'H' THEN '餐饮服务经营者' WHEN 'C' THEN '集中用餐单位食堂' ELSE '食品销售经营者' END AS kind,
       CASE section WHEN 'H' THEN one_of(['热食类食品制售', '热食类食品制售', '热食类食品制售', '热食类食品制售、冷食类食品制售', '糕点类食品制售'], firm, 0, 'food_operation_licence.items') ELSE one_of(['预包装食品销售', '预包装食品销售', '散装食品销售', '特殊食品销售'], firm, 0, 'food_operation_licence.items') END AS items,
       head_name AS legal_person, CASE WHEN moved_on <= issued_on THEN new_address ELSE address END AS address,
       CASE WHEN u(firm, 0, 'food_operation_licence.storage') < 0.15 THEN address END AS storage, issued_on, valid_until,
       county_name || '市场监督管理局' AS authority
FROM (
    SELECT w.*, k, (born + 10 + pick(180, w.firm, k, 'food_operation_licence.day')::INTEGER + to_years(5 * k::INTEGER))::DATE AS issued_on,
           (issued_on + INTERVAL 5 YEAR - INTERVAL 1 DAY)::DATE AS valid_until
    FROM who w CROSS JOIN range(5) r(k)
    WHERE (w.section = 'H' OR w.industry_code IN ('F5211', 'F5212', 'F5226', 'F5111', 'F5123') OR u(w.firm, 0, 'food_operation_licence.canteen') < 0.02)
      AND u(w.firm, 0, 'food_operation_licence') < 0.9
      AND (k = 0 OR u(w.firm, k, 'food_operation_licence.renewed') < 0.93)
)
WHERE issued_on BETWEEN DATE '2017-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

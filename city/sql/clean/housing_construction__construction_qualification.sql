-- One row per qualification, again when it is withdrawn or given up; good for five years.
SELECT firm AS _firm, unnest(versions(on_day, withdrawn)) AS _known_on,
       CASE section WHEN 'E' THEN 'D334' ELSE 'A234' END || digits8(firm, 101) || k AS certificate_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE WHEN head_changed_on <= on_day THEN successor_name ELSE head_name END AS legal_person,
       CASE industry_code
           WHEN 'E4710' THEN '建筑工程施工总承包'
           WHEN 'E4813' THEN '市政公用工程施工总承包'
           WHEN 'E5011' THEN '建筑装修装饰工程专业承包'
           ELSE '工程设计建筑行业' END || CASE WHEN log_size + 0.1 * k > 1.5 THEN '一级'
           WHEN log_size + 0.1 * k > 0.2 THEN '二级'
           ELSE '三级' END AS category,
       CASE WHEN log_size > 1.5 THEN '安徽省住房和城乡建设厅' ELSE city_name || '住房和城乡建设局' END AS issuer, on_day AS issued_on, until_day AS valid_until,
       told(withdrawn, _known_on) AS withdrawn_on
FROM (
    SELECT w.*, k, (born + 12 + pick(200, firm, 0, 'housing_construction__construction_qualification.day')::INTEGER + to_years((5 * k)::INTEGER))::DATE AS on_day,
           (born + 11 + pick(200, firm, 0, 'housing_construction__construction_qualification.day')::INTEGER + to_years((5 * (k + 1))::INTEGER))::DATE AS until_day,
           CASE WHEN died_on BETWEEN on_day AND until_day THEN died_on WHEN u(firm, k, 'housing_construction__construction_qualification.withdrawn') < 0.05 * exp(-0.9 * mu) THEN (on_day + 400 + pick(1300, firm, k, 'housing_construction__construction_qualification.days')::INTEGER)::DATE END AS withdrawn
    FROM who w CROSS JOIN range(0, 6) r(k)
    WHERE (k = 0 OR u(firm, k, 'housing_construction__construction_qualification.renewed') < 0.93) AND w.kind = 'enterprise'
      AND w.section IN ('E', 'M') AND u(w.firm, 0, 'housing_construction__construction_qualification') < 0.9
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived())) AND until_day >= DATE '2021-01-01'

-- One row per certificate of a laboratory; it is good for six years.
SELECT firm AS _firm, known(issued_on) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       strftime(issued_on, '%y') || '1212' || digits8(firm, 76931194) AS certificate_no,
       CASE section WHEN 'M' THEN one_of(['建筑工程', '环境监测', '测绘产品'], firm, 0, 'lab_qualification.field') WHEN 'O' THEN '机动车检验' ELSE one_of(['食品', '环境监测'], firm, 0, 'lab_qualification.field') END AS field,
       head_name AS technical_head, (8 + pick(593, firm, k, 'lab_qualification.parameters')) AS parameters, issued_on, valid_until
FROM (
    SELECT w.*, k, (born + 300 + pick(180, w.firm, k, 'lab_qualification.day')::INTEGER + to_years(6 * k::INTEGER))::DATE AS issued_on,
           (issued_on + INTERVAL 6 YEAR - INTERVAL 1 DAY)::DATE AS valid_until
    FROM who w CROSS JOIN range(4) r(k)
    WHERE w.kind = 'enterprise'
      AND w.industry_code IN ('M7484', 'O8111')
      AND u(w.firm, 0, 'lab_qualification') < 0.1 * exp(0.2 * w.mu)
      AND (k = 0 OR u(w.firm, k, 'lab_qualification.renewed') < 0.93)
)
WHERE issued_on BETWEEN DATE '2014-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

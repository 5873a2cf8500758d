-- One row per licence; it is good for five years.
SELECT firm AS _firm, known(issued_on) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       '（皖）XK' || CASE industry_code WHEN 'C3021' THEN '08-001-' WHEN 'C3831' THEN '06-001-' ELSE '16-204-' END || year(issued_on) || digits8(firm, 37887935) AS licence_no,
       CASE industry_code WHEN 'C3021' THEN '预应力混凝土铁路桥简支梁' WHEN 'C3831' THEN '电线电缆' ELSE '食品用塑料包装容器工具等制品' END AS product, address, issued_on,
       valid_until, one_of(['实地核查', '告知承诺', '告知承诺'], firm, 0, 'industrial_product_licence.check_mode') AS check_mode
FROM (
    SELECT w.*, k, (born + 150 + pick(180, w.firm, k, 'industrial_product_licence.day')::INTEGER + to_years(5 * k::INTEGER))::DATE AS issued_on,
           (issued_on + INTERVAL 5 YEAR - INTERVAL 1 DAY)::DATE AS valid_until
    FROM who w CROSS JOIN range(5) r(k)
    WHERE w.kind = 'enterprise'
      AND w.industry_code IN ('C3021', 'C3831', 'C2926')
      AND u(w.firm, 0, 'industrial_product_licence') < 0.7 * exp(0.1 * w.mu)
      AND (k = 0 OR u(w.firm, k, 'industrial_product_licence.renewed') < 0.93)
)
WHERE issued_on BETWEEN DATE '2016-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

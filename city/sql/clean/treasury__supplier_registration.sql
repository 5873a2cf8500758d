-- One row per firm registered as a supplier of the government.
SELECT firm AS _firm, known(issued_on) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name, issued_on AS registered_on,
       CASE section WHEN 'E' THEN '工程' WHEN 'C' THEN '货物' WHEN 'F' THEN '货物' ELSE '服务' END AS supplier_kind,
       CASE WHEN log_size > 1.6 THEN '中型' WHEN log_size > -0.3 THEN '小型' ELSE '微型' END AS size_class, phone AS contact_phone,
       one_of(['中国工商银行', '中国建设银行', '徽商银行', '农村商业银行'], firm, 0, 'supplier_registration.bank') || left(city_name, 2) || '分行' AS bank_name, industry_code
FROM (
    SELECT w.*, 0 AS k, (born + 120 + pick(180, w.firm, 0, 'supplier_registration.day')::INTEGER)::DATE AS issued_on
    FROM who w
    WHERE w.kind = 'enterprise'
      AND u(w.firm, 0, 'supplier_registration') < 0.3 * exp(0.2 * w.mu)
)
WHERE issued_on BETWEEN DATE '2015-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

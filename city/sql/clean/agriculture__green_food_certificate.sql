-- One row per product certified; good for three years.
SELECT firm AS _firm, known(on_day) AS _known_on,
       'LB-' || lpad((1 + pick(57, firm, 0, 'agriculture__green_food_certificate.class'))::VARCHAR, 2, '0') || '-' || strftime(on_day, '%y') || digits8(firm, 67) || k || 'A' AS certificate_no,
       usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE industry_code
           WHEN 'A0111' THEN '大米'
           WHEN 'C1311' THEN '大米'
           WHEN 'A0313' THEN '鲜猪肉'
           WHEN 'C1353' THEN '腌腊肉'
           WHEN 'A0412' THEN '鲢鱼'
           ELSE one_of(['六安瓜片', '霍山黄芽', '绿茶', '红茶'], firm, 0, 'agriculture__green_food_certificate.tea') END AS product,
       CASE WHEN u(firm, 0, 'agriculture__green_food_certificate.mark') < 0.7 THEN '绿色食品'
           WHEN u(firm, 0, 'agriculture__green_food_certificate.mark') < 0.9 THEN '有机产品'
           ELSE '地理标志农产品' END AS mark_kind,
       (round(5 + 80 * u(firm, k, 'agriculture__green_food_certificate.output') * exp(0.6 * log_size), 2))::DOUBLE AS output_t, on_day AS issued_on,
       until_day AS valid_until
FROM (
    SELECT w.*, k, (born + 12 + pick(200, firm, 0, 'agriculture__green_food_certificate.day')::INTEGER + to_years((3 * k)::INTEGER))::DATE AS on_day,
           (born + 11 + pick(200, firm, 0, 'agriculture__green_food_certificate.day')::INTEGER + to_years((3 * (k + 1))::INTEGER))::DATE AS until_day
    FROM who w CROSS JOIN range(0, 9) r(k)
    WHERE (k = 0 OR u(firm, k, 'agriculture__green_food_certificate.renewed') < 0.93) AND w.kind = 'enterprise'
      AND (w.section = 'A' OR w.industry_code IN ('C1311', 'C1530', 'C1353'))
      AND u(w.firm, 0, 'agriculture__green_food_certificate') < 0.22 * exp(0.5 * w.mu)
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived())) AND until_day >= DATE '2021-01-01'

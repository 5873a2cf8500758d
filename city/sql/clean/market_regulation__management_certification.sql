-- One row per certificate of a management system; it is good for three years.
SELECT firm AS _firm, known(issued_on) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       '001' || strftime(issued_on, '%y') || kind_code || digits8(firm, 46826442) || 'R' || k || 'S' AS certificate_no,
       CASE kind_code WHEN 'Q' THEN '质量管理体系' WHEN 'E' THEN '环境管理体系' WHEN 'S' THEN '职业健康安全管理体系' ELSE '食品安全管理体系' END AS system,
       CASE kind_code WHEN 'Q' THEN 'GB/T 19001-2016' WHEN 'E' THEN 'GB/T 24001-2016' WHEN 'S' THEN 'GB/T 45001-2020' ELSE 'GB/T 22000-2006' END AS standard_no,
       greatest(3, round(base_sales / 1000000 * people_per_wan * exp(0.3 * mu)))::BIGINT AS staff,
       one_of(['中国质量认证中心', '北京中大华远认证中心', '方圆标志认证集团', '华信技术检验有限公司'], firm, k, 'management_certification.body') AS body, issued_on, valid_until
FROM (
    SELECT w.*, k, (born + 400 + pick(180, w.firm, k, 'management_certification.day')::INTEGER + to_years(3 * k::INTEGER))::DATE AS issued_on,
           (issued_on + INTERVAL 3 YEAR - INTERVAL 1 DAY)::DATE AS valid_until,
           CASE WHEN w.section = 'C' AND left(w.industry_code, 3) IN ('C13', 'C15') THEN 'F' ELSE one_of(['Q', 'Q', 'Q', 'E', 'S'], w.firm, 0, 'management_certification.kind') END AS kind_code
    FROM who w CROSS JOIN range(8) r(k)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'E', 'I', 'M', 'N', 'F')
      AND u(w.firm, 0, 'management_certification') < 0.14 * exp(0.5 * w.mu)
      AND (k = 0 OR u(w.firm, k, 'management_certification.renewed') < 0.85)
)
WHERE issued_on BETWEEN DATE '2017-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

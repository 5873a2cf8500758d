-- One row per certificate, again when it is withdrawn.
SELECT firm AS _firm, unnest(versions(issued_on, withdrawn)) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       year(issued_on) || '0101' || digits8(firm, 8792247) || k AS certificate_no,
       CASE industry_code WHEN 'C3831' THEN one_of(['聚氯乙烯绝缘无护套电缆', '橡皮绝缘电缆'], firm, k, 'ccc_certificate.product') WHEN 'C3484' THEN '机动车零部件' ELSE one_of(['电源适配器', '装饰装修用人造板'], firm, k, 'ccc_certificate.product') END AS product,
       CASE industry_code WHEN 'C3831' THEN 'GB/T 5023.3-2008' ELSE 'GB 4943.1-2022' END AS standard_no,
       one_of(['中国质量认证中心', '中国质量认证中心', '中国质量认证中心', '方圆标志认证集团'], firm, k, 'ccc_certificate.body') AS body, issued_on, valid_until,
       CASE WHEN told(withdrawn, _known_on) IS NOT NULL THEN '撤销' ELSE '有效' END AS state, told(withdrawn, _known_on) AS withdrawn_on
FROM (
    SELECT w.*, k, (born + 200 + pick(180, w.firm, k, 'ccc_certificate.day')::INTEGER + to_years(5 * k::INTEGER))::DATE AS issued_on,
           (issued_on + INTERVAL 5 YEAR - INTERVAL 1 DAY)::DATE AS valid_until,
           CASE WHEN u(w.firm, k, 'ccc_certificate.withdrawn') < 0.12 - 0.03 * greatest(-2, least(2, w.mu)) THEN (issued_on + 200 + pick(1200, w.firm, k, 'ccc_certificate.until')::INTEGER)::DATE END AS withdrawn
    FROM who w CROSS JOIN range(5) r(k)
    WHERE w.kind = 'enterprise'
      AND w.industry_code IN ('C3831', 'C3484', 'C3985', 'C2032')
      AND u(w.firm, 0, 'ccc_certificate') < 0.5 * exp(0.2 * w.mu)
      AND (k = 0 OR u(w.firm, k, 'ccc_certificate.renewed') < 0.93)
)
WHERE issued_on BETWEEN DATE '2016-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

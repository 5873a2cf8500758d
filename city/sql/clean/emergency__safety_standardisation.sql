-- One row per grade given; good for three years.
SELECT firm AS _firm, known(on_day) AS _known_on, '皖AQB3415' || digits8(firm, 241) || k AS certificate_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE section WHEN 'C' THEN '工贸' WHEN 'G' THEN '交通运输' WHEN 'H' THEN '商贸' ELSE '建筑施工' END AS trade,
       CASE WHEN log_size > 2.2 THEN '二级' ELSE '三级' END AS grade,
       (round(least(99, 72 + 6 * mu * (mu > 0)::INTEGER + 15 * u(firm, k, 'emergency__safety_standardisation.score')), 1))::DOUBLE AS score,
       one_of(['安徽示例安全技术服务有限公司', '皖西示例安全评价中心', '安徽示例职业安全咨询有限公司'], firm, k, 'emergency__safety_standardisation.reviewer') AS reviewer, on_day AS named_on,
       until_day AS valid_until
FROM (
    SELECT w.*, k, (born + 12 + pick(200, firm, 0, 'emergency__safety_standardisation.day')::INTEGER + to_years((3 * k)::INTEGER))::DATE AS on_day,
           (born + 11 + pick(200, firm, 0, 'emergency__safety_standardisation.day')::INTEGER + to_years((3 * (k + 1))::INTEGER))::DATE AS until_day
    FROM who w CROSS JOIN range(0, 9) r(k)
    WHERE (k = 0 OR u(firm, k, 'emergency__safety_standardisation.renewed') < 0.93) AND w.kind = 'enterprise'
      AND w.section IN ('C', 'G', 'H', 'E') AND u(w.firm, 0, 'emergency__safety_standardisation') < 0.32 * exp(0.35 * w.mu + 0.2 * w.log_size)
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived())) AND until_day >= DATE '2021-01-01'

-- One row per instalment of a grant.
SELECT firm AS _firm, known(on_day) AS _known_on,
       left(city_name, 1) || '发改投资〔' || year(on_day) || '〕' || digits8(firm * 60 + t, 439) || '号' AS document_no, (k + 1)::BIGINT AS instalment_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE section
           WHEN 'A' THEN '农村产业融合发展专项'
           WHEN 'C' THEN '产业结构调整专项'
           WHEN 'G' THEN '城乡冷链物流专项'
           WHEN 'N' THEN '污染治理和节能减碳专项'
           ELSE '粮食等重要农产品仓储专项' END AS programme,
       wan(grant_fen) AS grant_wan, wan(grant_fen * [40, 40, 20][1 + k] // 100) AS paid_wan, on_day AS paid_on
FROM (
    SELECT w.*, m.t, m.h, k, (m.month + 20 + (150 * k)::INTEGER)::DATE AS on_day, 20000000 * (1 + pick(40, m.firm, m.t, 'development_reform__investment_subsidy.amount')) AS grant_fen
    FROM firm_month m JOIN who w USING (firm) CROSS JOIN range(0, 3) r(k)
    WHERE w.kind = 'enterprise' AND w.section IN ('A', 'C', 'G', 'N', 'F')
      AND u(m.firm, m.t, 'development_reform__investment_subsidy') < 0.0011 * exp(0.5 * m.h + 0.3 * w.log_size) AND (k = 0 OR m.h > -1)
)
WHERE on_day <= last_day_lived()

-- One row per penalty for a breach of water law.
SELECT firm AS _firm, known(on_day) AS _known_on,
       left(city_name, 1) || '水罚〔' || year(on_day) || '〕' || digits8(firm * 60 + t, 331) || '号' AS case_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['未经批准擅自取水', '未缴纳水土保持补偿费', '在河道管理范围内弃置渣土', '水土保持设施未经验收投产', '未安装取水计量设施'], firm, t, 'water_resources__water_penalty.what') AS violation,
       one_of(['《水法》第六十九条', '《水土保持法》第五十七条', '《河道管理条例》第四十四条', '《水土保持法》第五十四条', '《取水许可和水资源费征收管理条例》第五十三条'], firm, t, 'water_resources__water_penalty.what') AS legal_basis,
       yuan(1000000 * (2 + pick(9, firm, t, 'water_resources__water_penalty.fine'))) AS fine_yuan, division_code, on_day AS penalised_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'water_resources__water_penalty.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section IN ('C', 'E', 'A') AND w.kind = 'enterprise' AND u(m.firm, m.t, 'water_resources__water_penalty') < 0.0008 * exp(-0.45 * m.h)
)

-- One row per penalty for a breach of building law.
SELECT firm AS _firm, known(on_day) AS _known_on,
       left(city_name, 1) || '建罚决字〔' || year(on_day) || '〕' || digits8(firm * 60 + t, 137) || '号' AS case_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['未取得施工许可证擅自施工', '违法分包', '施工现场安全防护不到位', '未按照工程设计图纸施工', '超越资质等级承揽工程', '转包工程', '使用不合格建筑材料'], firm, t, 'housing_construction__construction_penalty.reason') AS reason,
       county_name || one_of(['安置小区', '产业园标准厂房', '道路改造', '农贸市场'], firm, t, 'housing_construction__construction_penalty.what') || '工程' AS project_name,
       yuan(fine_fen) AS fine_yuan, (1 + fine_fen // 6000000)::BIGINT AS bad_points, on_day AS penalised_on,
       (on_day + INTERVAL 1 YEAR)::DATE AS published_until
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'housing_construction__construction_penalty.day')::INTEGER)::DATE AS on_day,
           100000 * (5 + pick(300, firm, t, 'housing_construction__construction_penalty.fine')) AS fine_fen
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section IN ('E', 'M', 'N')
      AND u(m.firm, m.t, 'housing_construction__construction_penalty') < 0.0045 * exp(-0.55 * m.h)
)

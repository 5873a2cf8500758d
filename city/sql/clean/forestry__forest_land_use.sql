-- One row per approval.
SELECT firm AS _firm, known(on_day) AS _known_on, '皖林地审〔' || year(on_day) || '〕' || digits8(firm * 60 + t, 523) || '号' AS approval_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       trade || one_of(['进场道路', '生态养殖基地', '旅游步道', '光伏发电', '厂区扩建'], firm, t, 'forestry__forest_land_use.what') || '项目' AS project_name,
       one_of(['商品林', '商品林', '地方公益林', '灌木林地'], firm, t, 'forestry__forest_land_use.kind') AS forest_kind,
       (round(0.05 + 6 * u(firm, t, 'forestry__forest_land_use.area'), 4))::DOUBLE AS area_hm2,
       yuan(round((0.05 + 6 * u(firm, t, 'forestry__forest_land_use.area')) * 10000)::BIGINT * 1000) AS fee_yuan, on_day AS approved_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'forestry__forest_land_use.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section IN ('E', 'C', 'A')
      AND u(m.firm, m.t, 'forestry__forest_land_use') < 0.0012 * exp(0.35 * w.log_size + 0.2 * m.h)
)

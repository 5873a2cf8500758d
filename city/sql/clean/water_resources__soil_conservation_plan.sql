-- One row per plan approved.
SELECT firm AS _firm, known(on_day) AS _known_on,
       left(city_name, 1) || '水审〔' || year(on_day) || '〕' || digits8(firm * 60 + t, 317) || '号' AS approval_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       trade || one_of(['厂房建设', '仓储物流园', '生态养殖基地', '道路配套', '光伏发电'], firm, t, 'water_resources__soil_conservation_plan.what') || '项目' AS project_name,
       (round(0.3 + 12 * u(firm, t, 'water_resources__soil_conservation_plan.area'), 2))::DOUBLE AS area_hm2,
       yuan(round(10000 * (0.3 + 12 * u(firm, t, 'water_resources__soil_conservation_plan.area')))::BIGINT * 80) AS fee_yuan,
       CASE WHEN u(firm, t, 'water_resources__soil_conservation_plan.area') > 0.4 THEN '报告书审批' ELSE '报告表承诺制' END AS way, on_day AS approved_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'water_resources__soil_conservation_plan.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section IN ('C', 'E', 'A')
      AND u(m.firm, m.t, 'water_resources__soil_conservation_plan') < 0.0022 * exp(0.4 * w.log_size + 0.2 * m.h)
)

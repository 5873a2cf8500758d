-- One row per permit under which a builder works.
SELECT firm AS _firm, known(on_day) AS _known_on, division_code || strftime(on_day, '%Y%m%d') || digits8(firm, 107) AS permit_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       county_name || one_of(['安置小区', '产业园标准厂房', '中心校综合楼', '道路改造', '农贸市场', '卫生院业务用房', '污水管网'], firm, t, 'housing_construction__construction_permit.what') || (1 + pick(12, firm, t, 'housing_construction__construction_permit.part')) || CASE industry_code
           WHEN 'E4813' THEN '标段工程'
           WHEN 'E5011' THEN '号楼装修工程'
           ELSE '号楼工程' END AS project_name,
       county_name || one_of(['城市建设投资有限公司', '重点工程管理处', '教育局', '交通投资有限公司', '乡村振兴投资有限公司'], firm, t, 'housing_construction__construction_permit.client') AS builder,
       county_name || one_of(['经开区', '示范园区', '老城区', '新城区', '高铁片区'], firm, t, 'housing_construction__construction_permit.site') AS address,
       (round(price_fen / 220000.0))::DOUBLE AS area_m2, wan(price_fen) AS price_wan, on_day + 5 AS begin_on,
       on_day + 95 + (30 * pick(18, firm, t, 'housing_construction__construction_permit.months'))::INTEGER AS due_on, on_day AS issued_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'housing_construction__construction_permit.day')::INTEGER)::DATE AS on_day,
           round(w.base_sales * (1.5 + 8 * u(m.firm, m.t, 'housing_construction__construction_permit.price')))::BIGINT AS price_fen
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section = 'E'
      AND u(m.firm, m.t, 'housing_construction__construction_permit') < least(0.5, 0.035 * exp(0.35 * m.h + 0.3 * w.log_size))
)

-- One row per licence holder and quarter.
SELECT firm AS _firm, known(month) AS _known_on, usci, name_on(month, renamed_on, old_name, name) AS firm_name, month AS period,
       CASE WHEN u(firm, 0, 'water_resources__water_resource_tax.meter') < 0.6 THEN '在线监测' ELSE '人工抄表' END AS meter_kind, cubic::DOUBLE AS taken_m3,
       (greatest(0, cubic - 300 * (2 + pick(60, firm, 0, 'water_resources__abstraction_licence.quota'))))::DOUBLE AS over_plan_m3,
       yuan(cubic * CASE WHEN u(firm, 0, 'water_resources__abstraction_licence.source') < 0.35 THEN 30 ELSE 12 END) AS due_yuan
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount,
           round(250 * (2 + pick(60, m.firm, 0, 'water_resources__abstraction_licence.quota')) * (0.2 + 0.7 * least(1.6, m.sales_fen / w.base_sales)) * exp(0.1 * z(m.firm, m.t, 'water_resources__water_resource_tax.cubic')))::BIGINT AS cubic
    FROM firm_month m JOIN who w USING (firm)
    WHERE m.t % 3 = 2 AND ((w.section = 'C' AND w.kind = 'enterprise' AND u(m.firm, 0, 'water_resources.takes') < 0.18) OR (w.industry_code = 'A0412' AND u(m.firm, 0, 'water_resources.takes') < 0.6))
)

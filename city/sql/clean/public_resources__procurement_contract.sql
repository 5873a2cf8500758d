-- One row per procurement contract of a supplier in the city.
SELECT firm AS _firm, known(on_day) AS _known_on, 'ZFCG' || strftime(on_day, '%y%m') || digits8(firm, 167) AS contract_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       county_name || one_of(['教育局', '公安局', '卫生健康委员会', '机关事务管理中心', '城市管理局', '文化和旅游局'], firm, t, 'public_resources__procurement_contract.purchaser') AS purchaser,
       CASE section
           WHEN 'I' THEN '信息化工程'
           WHEN 'L' THEN '商务服务'
           WHEN 'M' THEN '工程设计服务'
           WHEN 'N' THEN '绿化养护服务'
           WHEN 'E' THEN '修缮工程'
           ELSE one_of(['办公设备', '食堂物资', '家具', '印刷服务', '车辆维修'], firm, t, 'public_resources__procurement_contract.item') END AS item,
       yuan(amount_fen) AS amount_yuan,
       CASE WHEN u(firm, t, 'public_resources__procurement_contract.small') < 0.55 THEN '是' ELSE '否' END AS small_firm, on_day AS signed_on,
       on_day + (30 * (1 + pick(24, firm, t, 'public_resources__procurement_contract.months')))::INTEGER AS due_on,
       CASE WHEN u(firm, t, 'public_resources__procurement_contract.pledged') < 0.06 THEN '是' ELSE '否' END AS pledged
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'public_resources__procurement_contract.day')::INTEGER)::DATE AS on_day,
           greatest(300000, round(m.sales_fen * (0.05 + 0.9 * u(m.firm, m.t, 'public_resources__procurement_contract.amount'))))::BIGINT AS amount_fen
    FROM firm_month m JOIN who w USING (firm)
    WHERE m.sales_fen > 0 AND u(m.firm, m.t, 'public_resources__procurement_contract') < CASE w.kind WHEN 'enterprise' THEN CASE WHEN w.section IN ('I', 'L', 'M', 'N', 'F') THEN 0.014 ELSE 0.006 END ELSE 0.0012 END * exp(0.4 * m.h)
)

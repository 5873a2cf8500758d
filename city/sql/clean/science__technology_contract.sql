-- One row per contract registered.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       year(on_day) || '3400' || digits8(firm, 48620905) || lpad(t::VARCHAR, 2, '0') AS registration_no,
       one_of(words, firm, t, 'technology_contract.word') || one_of(['系统开发', '工艺改进', '检测服务', '方案设计'], firm, t, 'technology_contract.project_name') AS project_name,
       one_of(['技术开发', '技术开发', '技术开发', '技术开发', '技术开发', '技术转让', '技术咨询', '技术服务', '技术服务', '技术服务', '技术服务', '技术服务', '技术服务', '技术许可'], firm, t, 'technology_contract.kind') AS kind,
       one_of(['合肥示范装备有限公司', '六安示范电气有限公司', '南京示范科技有限公司'], firm, t, 'technology_contract.buyer') AS buyer, wan(amount) AS contract_wan,
       wan(amount * (60 + pick(40, firm, t, 'technology_contract.share')) // 100) AS technology_wan, on_day AS registered_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'technology_contract.day')::INTEGER)::DATE AS on_day,
           greatest(1000000, round(m.sales_fen * (0.2 + 1.5 * u(m.firm, m.t, 'technology_contract.amount'))))::BIGINT // 10000 * 10000 AS amount
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('I', 'M', 'C') AND m.sales_fen > 0
      AND u(m.firm, m.t, 'technology_contract') < least(0.4, 0.006 * exp(0.4 * m.h))
)

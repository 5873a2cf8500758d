-- One row per contract when it is signed, again when the work is accepted.
SELECT firm AS _firm, unnest(versions(signed, accepted)) AS _known_on, usci, name_on(signed, renamed_on, old_name, name) AS firm_name,
       'FSSD' || strftime(on_day, '%Y%m') || digits8(firm, 50425068) || '-HT' AS contract_no,
       county_name || one_of(['教育局', '卫生健康委员会', '住房和城乡建设局', '水利局', '公安分局', '民政局'], firm, t, 'procurement_contract.buyer') AS buyer,
       yuan(amount) AS contract_yuan, signed AS signed_on, (signed + 90 + pick(300, firm, t, 'procurement_contract.due')::INTEGER)::DATE AS due_on,
       '6217' || digits8(firm, 50425068) || lpad((firm % 9973)::VARCHAR, 6, '0') || '1' AS account_no,
       CASE WHEN told(accepted, _known_on) IS NOT NULL THEN yuan(amount * 95 // 100) ELSE yuan(amount * 30 // 100) END AS paid_yuan,
       told(accepted, _known_on) AS accepted_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'procurement_contract.day')::INTEGER)::DATE AS on_day,
           greatest(300000, round(m.sales_fen * (0.3 + 2.2 * u(m.firm, m.t, 'procurement.amount'))))::BIGINT // 10000 * 10000 AS amount, (on_day + 10 + pick(20, m.firm, m.t, 'procurement_contract.signed')::INTEGER)::DATE AS signed, CASE WHEN u(m.firm, m.t, 'procurement_contract.accepted') < logistic(2 + m.h) THEN (on_day + 60 + pick(240, m.firm, m.t, 'procurement_contract.accepted')::INTEGER)::DATE END AS accepted
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'E', 'F', 'I', 'L', 'M', 'N') AND m.sales_fen > 0 AND m.h > -2
      AND u(m.firm, m.t, 'procurement_contract') < least(0.4, 0.01 * exp(0.35 * m.h))
)
WHERE signed <= last_day_lived()

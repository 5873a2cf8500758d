-- One row per case against a firm, again when it is referred or dropped.
SELECT firm AS _firm, unnest(versions(on_day, referred)) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       'A' || left(division_code, 6) || strftime(on_day, '%Y%m') || digits8(firm, 10733512) AS case_no,
       one_of(['合同诈骗', '合同诈骗', '合同诈骗', '合同诈骗', '虚开增值税专用发票', '虚开增值税专用发票', '虚开增值税专用发票', '拒不支付劳动报酬', '拒不支付劳动报酬', '拒不支付劳动报酬', '拒不支付劳动报酬', '非法吸收公众存款', '骗取贷款', '骗取贷款', '职务侵占'], firm, t, 'economic_case.charge') AS charge,
       yuan(round(600 * exp(1.1 * z(firm, t, 'economic_case.amount_yuan')))::BIGINT * 100000) AS amount_yuan, on_day AS filed_on,
       CASE WHEN told(referred, _known_on) IS NULL THEN '侦查' ELSE one_of(['移送审查起诉', '移送审查起诉', '移送审查起诉', '移送审查起诉', '撤案'], firm, t, 'economic_case.state') END AS state,
       told(referred, _known_on) AS referred_on, county_name || '公安局经济犯罪侦查大队' AS authority
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'economic_case.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(m.firm, m.t, 'economic_case.referred') < 0.8 THEN (on_day + 90 + pick(270, m.firm, m.t, 'economic_case.until')::INTEGER)::DATE END AS referred
    FROM firm_month m JOIN who w USING (firm)
    WHERE u(m.firm, m.t, 'economic_case') < least(0.4, 0.0001 * exp(-1.1 * m.h))
)

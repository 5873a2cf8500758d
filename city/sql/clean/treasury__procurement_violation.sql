-- One row per supplier banned from procurement for a time.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       left(city_name, 1) || '财采罚〔' || strftime(on_day, '%Y') || '〕' || digits8(firm, 36775501) || lpad(t::VARCHAR, 2, '0') || '号' AS decision_no,
       one_of(['提供虚假材料谋取中标', '提供虚假材料谋取中标', '提供虚假材料谋取中标', '无正当理由拒不签订合同', '无正当理由拒不签订合同', '与其他供应商恶意串通', '拒绝履行合同义务'], firm, t, 'procurement_violation.conduct') AS conduct,
       one_of(['罚款，一年内禁止参加政府采购活动', '罚款，一年内禁止参加政府采购活动', '警告，二年内禁止参加政府采购活动'], firm, t, 'procurement_violation.penalty') AS penalty,
       yuan(round(80 * exp(0.8 * z(firm, t, 'procurement_violation.fine_yuan')))::BIGINT * 10000) AS fine_yuan, on_day AS decided_on,
       (on_day + to_years(1 + pick(2, firm, t, 'procurement_violation.years')::INTEGER))::DATE AS ban_until, city_name || '财政局' AS authority
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'procurement_violation.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND u(w.firm, 0, 'sells.to.government') < 0.4
      AND u(m.firm, m.t, 'procurement_violation') < least(0.4, 0.0004 * exp(-0.8 * m.h))
)

-- One row per contract judged, about half a year after it was won.
SELECT firm AS _firm, known(judged) AS _known_on, 'LY-' || digits8(firm * 200 + t, 173) AS evaluation_no, usci,
       name_on(judged, renamed_on, old_name, name) AS firm_name,
       'LAZB-' || year((month + pick(27, firm, t, 'public_resources.tender')::INTEGER - 40)::DATE) || '-' || digits8(firm * 60 + t, 149) || '00' AS lot_no,
       points::DOUBLE AS score,
       CASE WHEN points >= 90 THEN '优秀' WHEN points >= 80 THEN '良好' WHEN points >= 60 THEN '合格' ELSE '不合格' END AS grade,
       CASE WHEN points < 72 THEN one_of(['工期延误', '项目经理不到岗', '拖欠农民工工资', '质量整改不及时'], firm, t, 'public_resources__contract_performance.breach') END AS breach,
       judged AS judged_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'public_resources__contract_performance.day')::INTEGER)::DATE AS on_day,
           greatest(20, least(100, round(84 + 5 * m.h + 7 * z(m.firm, m.t, 'public_resources__contract_performance.points'), 1))) AS points,
           (m.month + 200 + pick(100, m.firm, m.t, 'public_resources__contract_performance.day')::INTEGER)::DATE AS judged
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section IN ('E', 'M', 'N', 'I')
      AND u(m.firm, m.t, 'public_resources.won') < least(0.5, 0.03 * exp(0.45 * m.h + 0.3 * w.log_size))
      AND u(m.firm, m.t, 'public_resources__contract_performance') < 0.8
)

-- One row per benefit paid.
SELECT firm AS _firm, known(on_day) AS _known_on, 'HQ' || strftime(on_day, '%y%m') || digits8(firm, 577) AS redemption_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['稳岗补贴', '一次性扩岗补助', '首次升规奖励', '研发费用补助', '电费补贴', '展会补贴', '贷款贴息', '房租减免'], firm, t, 'hotline__policy_redemption.item') AS item,
       one_of(['免申即享', '免申即享', '即申即享', '申报享受'], firm, t, 'hotline__policy_redemption.way') AS way,
       county_name || one_of(['人力资源和社会保障局', '经济和信息化局', '科学技术局', '商务局', '财政局'], firm, t, 'hotline__policy_redemption.department') AS department,
       '《' || county_name || '支持中小微企业发展若干措施（' || year(on_day) || '年）》' AS policy_document, yuan(amount_fen) AS amount_yuan, on_day AS paid_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'hotline__policy_redemption.day')::INTEGER)::DATE AS on_day,
           100000 * (2 + pick(200, firm, t, 'hotline__policy_redemption.amount')) * CASE w.kind WHEN 'individual' THEN 1 ELSE 4 END AS amount_fen
    FROM firm_month m JOIN who w USING (firm)
    WHERE m.sales_fen > 0 AND u(m.firm, m.t, 'hotline__policy_redemption') < CASE w.kind WHEN 'enterprise' THEN 0.010 ELSE 0.002 END * exp(0.4 * m.h + 0.1 * w.log_size)
)

-- One row per complaint, again when it is closed; customers complain about the weak more often.
SELECT firm AS _firm, unnest(versions(on_day, closed)) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       '134' || strftime(on_day, '%Y%m%d') || digits8(firm, 14705495) AS complaint_no,
       one_of(['投诉', '投诉', '投诉', '投诉', '举报'], firm, t, 'complaint.kind') AS kind,
       one_of(['质量', '质量', '质量', '质量', '质量', '售后服务', '售后服务', '售后服务', '售后服务', '合同', '合同', '合同', '虚假宣传', '虚假宣传', '虚假宣传', '食品安全', '食品安全', '食品安全', '价格', '价格', '预付卡', '预付卡', '其他'], firm, t, 'complaint.matter') AS matter,
       CASE WHEN u(firm, t, 'complaint.amount_yuan') < 0.6 THEN yuan(round(30000 * exp(1.1 * z(firm, t, 'complaint.amount')))::BIGINT) END AS amount_yuan,
       on_day AS received_on,
       CASE WHEN told(closed, _known_on) IS NOT NULL THEN one_of(['调解成功', '调解成功', '调解成功', '调解成功', '调解成功', '调解成功', '调解不成', '调解不成', '调解不成', '不予受理', '不予受理', '立案查处', '撤回'], firm, t, 'complaint.outcome') END AS outcome,
       told(closed, _known_on) AS closed_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'complaint.day')::INTEGER)::DATE AS on_day,
           (on_day + 5 + pick(60, m.firm, m.t, 'complaint.closed')::INTEGER)::DATE AS closed
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section IN ('F', 'H', 'O', 'L', 'C')
      AND u(m.firm, m.t, 'complaint') < least(0.4, 0.02 * exp(-0.35 * m.h))
)

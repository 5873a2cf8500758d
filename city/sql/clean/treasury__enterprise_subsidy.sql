-- One row per subsidy paid; the sound and growing receive more.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       'DX' || strftime(on_day, '%Y%m') || digits8(firm, 51805463) AS grant_no,
       CASE section WHEN 'C' THEN one_of(['技术改造奖补', '技术改造奖补', '技术改造奖补', '规模以上工业企业培育奖励', '规模以上工业企业培育奖励', '绿色工厂奖励', '研发投入补助', '研发投入补助'], firm, t, 'enterprise_subsidy.policy_name') WHEN 'A' THEN one_of(['农业产业化奖补', '农业产业化奖补', '茶产业发展补助', '种养循环补贴'], firm, t, 'enterprise_subsidy.policy_name') WHEN 'F' THEN one_of(['限上商贸企业培育奖励', '限上商贸企业培育奖励', '电商发展补助'], firm, t, 'enterprise_subsidy.policy_name') ELSE one_of(['服务业发展引导资金', '服务业发展引导资金', '就业创业补助', '稳增长奖励'], firm, t, 'enterprise_subsidy.policy_name') END AS policy_name,
       CASE section WHEN 'C' THEN '经济和信息化局' WHEN 'A' THEN '农业农村局' WHEN 'F' THEN '商务局' ELSE '发展和改革委员会' END AS department,
       yuan(round(60 * exp(0.9 * z(firm, t, 'enterprise_subsidy.amount_yuan')))::BIGINT * 100000) AS amount_yuan, year(on_day) AS fund_year,
       on_day AS paid_on, one_of(['是', '是', '否', '否', '否'], firm, t, 'enterprise_subsidy.direct') AS direct
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'enterprise_subsidy.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND m.h > -1.5
      AND u(m.firm, m.t, 'enterprise_subsidy') < least(0.4, 0.008 * exp(0.45 * m.h))
)

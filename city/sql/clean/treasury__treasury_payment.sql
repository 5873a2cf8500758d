-- One row per payment from the treasury to a firm; a fifth of the firms ever sell to the government.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       'ZF' || strftime(on_day, '%Y%m%d') || digits8(firm, 49780819) || pick(10, firm, t, 'treasury_payment.no') AS payment_no,
       county_name || one_of(['教育局', '卫生健康委员会', '住房和城乡建设局', '交通运输局', '农业农村局', '机关事务管理中心'], firm, t, 'treasury_payment.budget_unit') AS budget_unit,
       one_of(['2050202', '2100302', '2120303', '2140106', '2130122', '2010302'], firm, t, 'treasury_payment.function_code') AS function_code,
       one_of(['直接支付', '直接支付', '直接支付', '授权支付'], firm, t, 'treasury_payment.payment_kind') AS payment_kind,
       yuan(greatest(50000, round(sales_fen * 0.4 * exp(0.7 * z(firm, t, 'treasury_payment.amount'))))::BIGINT) AS amount_yuan,
       one_of(['货款', '货款', '货款', '货款', '工程款', '工程款', '服务费', '服务费', '服务费', '项目资金'], firm, t, 'treasury_payment.purpose') AS purpose, on_day AS paid_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'treasury_payment.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND m.sales_fen > 0 AND u(w.firm, 0, 'sells.to.government') < 0.2
      AND u(m.firm, m.t, 'treasury_payment') < least(0.4, 0.22 * exp(0.1 * m.h))
)

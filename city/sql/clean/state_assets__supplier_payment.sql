-- One row per payment to a supplier: those that sell to state firms are paid every month or two.
SELECT firm AS _firm, known(on_day) AS _known_on, 'FK' || strftime(on_day, '%y%m') || digits8(firm, 463) AS payment_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       county_name || one_of(['城市建设投资有限公司', '交通投资有限公司', '水务有限公司', '文旅集团有限公司', '粮食储备有限公司'], firm, 0, 'state_assets__supplier_payment.payer') AS payer,
       yuan(amount_fen) AS amount_yuan,
       one_of(['转账', '转账', '转账', '银行承兑汇票', '商业承兑汇票', '供应链票据'], firm, t, 'state_assets__supplier_payment.way') AS way,
       (on_day - days::INTEGER)::DATE AS invoiced_on, days::BIGINT AS days_taken, on_day AS paid_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'state_assets__supplier_payment.day')::INTEGER)::DATE AS on_day,
           greatest(100000, round(m.sales_fen * (0.05 + 0.4 * u(m.firm, m.t, 'state_assets__supplier_payment.amount'))))::BIGINT AS amount_fen,
           10 + pick(110, m.firm, m.t, 'state_assets__supplier_payment.days') AS days
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section IN ('E', 'C', 'F', 'M', 'N', 'I', 'G', 'L') AND m.sales_fen > 0
      AND u(m.firm, 0, 'state_assets__supplier_payment.supplies') < 0.15 AND u(m.firm, m.t, 'state_assets__supplier_payment') < 0.6
)

-- One row per slip by which a seller takes an invoice back; customers return more to firms in trouble.
SELECT firm AS _firm, known(on_day) AS _known_on, usci AS taxpayer_id, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       '3415' || strftime(on_day, '%y%m') || digits8(firm, 12275313) || lpad(t::VARCHAR, 4, '0') AS slip_no, on_day AS issued_on, buyer_name,
       buyer_id,
       one_of(['销货退回', '销货退回', '销货退回', '销售折让', '销售折让', '开票有误', '开票有误', '开票有误', '开票有误', '服务中止'], firm, t, 'red_invoice_slip.reason') AS reason,
       yuan(-greatest(5000, round(sales_fen * 0.3 * u(firm, t, 'red_invoice_slip.amount')))::BIGINT) AS amount_yuan,
       yuan(-greatest(500, round(sales_fen * 0.3 * u(firm, t, 'red_invoice_slip.amount') * CASE WHEN general_taxpayer THEN 0.13 ELSE 0.01 END))::BIGINT) AS tax_yuan,
       one_of(['销方', '销方', '销方', '购方'], firm, t, 'red_invoice_slip.initiator') AS initiator
FROM (
    SELECT e.*, c.name AS buyer_name, c.usci AS buyer_id
    FROM (
        SELECT w.*, m.t, m.h, m.sales_fen, (m.month + pick(28, m.firm, m.t, 'red_invoice_slip.day')::INTEGER)::DATE AS on_day
        FROM firm_month m JOIN who w USING (firm)
        WHERE w.kind = 'enterprise' AND m.sales_fen > 0 AND u(m.firm, m.t, 'red_invoice_slip') < least(0.5, 0.06 * exp(-0.55 * m.h))
    ) e
    LEFT JOIN (SELECT seller, arg_max(buyer, share * 1000000000 + buyer) AS buyer FROM customer GROUP BY seller) s ON s.seller = e.firm
    LEFT JOIN who c ON c.firm = s.buyer
)

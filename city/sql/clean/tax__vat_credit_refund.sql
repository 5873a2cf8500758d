-- One row per refund of input tax that exceeds output tax.
SELECT firm AS _firm, known(refunded) AS _known_on, usci AS taxpayer_id, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       '六税留抵' || strftime(on_day, '%Y%m') || digits8(firm, 70837694) AS document_no, on_day AS applied_on, yuan(credit) AS credit_yuan,
       yuan(credit * 9 // 10) AS refund_yuan, one_of(['增量留抵', '增量留抵', '增量留抵', '存量留抵'], firm, t, 'vat_credit_refund.refund_kind') AS refund_kind,
       refunded AS refunded_on, county_name || '税务局' AS authority
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'vat_credit_refund.day')::INTEGER)::DATE AS on_day,
           (greatest(1000000, m.purchase_fen * (2 + pick(6, m.firm, m.t, 'vat_credit_refund.months')) // 20))::BIGINT AS credit, (on_day + 8 + pick(28, m.firm, m.t, 'vat_credit_refund.refunded')::INTEGER)::DATE AS refunded
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.general_taxpayer AND w.section IN ('C', 'E', 'I', 'G') AND m.sales_fen > 0 AND m.purchase_fen > 0.7 * m.sales_fen
      AND u(m.firm, m.t, 'vat_credit_refund') < 0.004
)

-- One row per payment book of an importer; the weak pay late.
SELECT firm AS _firm, known(paid) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       '3315' || strftime(on_day, '%y%m') || digits8(firm, 8753901) || '-A' || lpad(t::VARCHAR, 2, '0') AS payment_book_no,
       one_of(['进口关税', '进口关税', '进口关税', '进口增值税', '进口增值税', '进口增值税', '进口增值税', '进口增值税', '进口增值税', '进口增值税', '进口增值税', '进口消费税'], firm, t, 'customs_duty_payment.tax_kind') AS tax_kind,
       yuan(greatest(10000, round(purchase_fen * 0.06 * (0.2 + u(firm, t, 'customs_duty_payment.amount'))))::BIGINT) AS amount_yuan,
       on_day AS issued_on, (on_day + 15)::DATE AS due_on, paid AS paid_on,
       CASE WHEN paid > on_day + 15 THEN yuan(round(purchase_fen * 0.06 * (0.2 + u(firm, t, 'customs_duty_payment.amount')) * 0.0005 * date_diff('day', on_day + 15, paid))::BIGINT) ELSE yuan(0) END AS late_fee_yuan
FROM (
    SELECT *, (on_day + CASE WHEN u(firm, t, 'customs_duty_payment.late') < logistic(-3.2 - 1.2 * h) THEN 16 + pick(60, firm, t, 'customs_duty_payment.days') ELSE 1 + pick(12, firm, t, 'customs_duty_payment.days') END::INTEGER)::DATE AS paid
    FROM (
        SELECT w.*, m.t, m.h, m.purchase_fen, (m.month + pick(28, m.firm, m.t, 'customs_duty_payment.day')::INTEGER)::DATE AS on_day
        FROM firm_month m JOIN who w USING (firm)
        WHERE w.kind = 'enterprise' AND w.section IN ('C', 'F') AND m.purchase_fen > 0
          AND u(m.firm, 0, 'importer') < 0.03 * exp(0.4 * w.log_size) AND u(m.firm, m.t, 'import_declaration') < 0.35
    )
)
WHERE paid <= last_day_lived()

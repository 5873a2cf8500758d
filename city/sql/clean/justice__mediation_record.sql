-- One row per agreement that a firm came to as the one who owes, again when it has been kept.
SELECT firm AS _firm, unnest(versions(on_day, kept)) AS _known_on, 'TJ' || strftime(on_day, '%y%m') || digits8(firm, 397) AS agreement_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['劳动争议', '合同纠纷', '消费纠纷', '损害赔偿', '租赁纠纷', '货款纠纷'], firm, t, 'justice__mediation_record.kind') AS kind,
       yuan(greatest(80000, round(base_sales * (0.01 + 0.25 * u(firm, t, 'justice__mediation_record.amount'))))::BIGINT) AS amount_yuan,
       CASE WHEN u(firm, t, 'justice__mediation_record.confirmed') < 0.2 THEN '是' ELSE '否' END AS confirmed,
       county_name || '人民调解委员会' AS committee, on_day AS signed_on, told(kept, _known_on) AS fulfilled_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'justice__mediation_record.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(m.firm, m.t, 'justice__mediation_record.kept') < logistic(1.5 + 0.9 * m.h) THEN (m.month + 35 + pick(240, m.firm, m.t, 'justice__mediation_record.days')::INTEGER)::DATE END AS kept
    FROM firm_month m JOIN who w USING (firm)
    WHERE m.sales_fen > 0 AND u(m.firm, m.t, 'justice__mediation_record') < CASE w.kind WHEN 'enterprise' THEN 0.0045 ELSE 0.0012 END * exp(-0.7 * m.h)
)

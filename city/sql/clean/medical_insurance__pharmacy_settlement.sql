-- One row per designated pharmacy and month settled.
SELECT firm AS _firm, known(month) AS _known_on, 'JS' || strftime(month, '%Y%m') || digits8(firm, 17320508) AS settlement_no, usci,
       name_on(month, renamed_on, old_name, name) AS firm_name, month AS period,
       (sales_fen // 9000 + pick(20, firm, t, 'medical_insurance__pharmacy_settlement.visits'))::BIGINT AS visit_count, yuan(claim_fen) AS declared_yuan,
       yuan(claim_fen * 4 // 5) AS account_yuan, yuan(deducted_fen) AS deducted_yuan, yuan(claim_fen - deducted_fen) AS settled_yuan,
       (month + 50 + pick(15, firm, t, 'medical_insurance__pharmacy_settlement.paid')::INTEGER)::DATE AS settled_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount,
           round(sales_fen * (0.30 + 0.30 * u(firm, 0, 'medical_insurance__pharmacy_settlement.share')))::BIGINT AS claim_fen,
           CASE WHEN u(firm, t, 'medical_insurance__pharmacy_settlement.deducted') < 0.06 * exp(-0.4 * h) THEN round(sales_fen * 0.01)::BIGINT ELSE 0 END AS deducted_fen
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.industry_code = 'F5251' AND u(w.firm, 0, 'medical_insurance__designated_pharmacy') < 0.75 AND m.sales_fen > 0
)

-- One row per employer and month of medical insurance; a firm in trouble pays a part, or nothing for a while.
SELECT firm AS _firm, known(month) AS _known_on, usci, name_on(month, renamed_on, old_name, name) AS firm_name,
       '3415' || digits8(firm, 23571113) AS unit_no, month AS period, headcount::BIGINT AS insured_count,
       (headcount * pick(14, firm, 0, 'medical_insurance__employer_contribution.retired') // 100)::BIGINT AS retired_count, yuan(base_fen) AS base_yuan,
       yuan(base_fen * 85 // 1000) AS due_yuan,
       yuan(base_fen * CASE WHEN u(firm, t, 'medical_insurance__employer_contribution.part') < logistic(-4.4 - 1.5 * h) THEN 40
           ELSE 85 END // 1000) AS paid_yuan,
       yuan(headcount * 4 * (4380 + 160 * (t // 12))) AS maternity_yuan
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount,
           headcount * (438000 + 16000 * (t // 12) + 1000 * pick(90, firm, 0, 'medical_insurance__employer_contribution.base')) AS base_fen
    FROM firm_month m JOIN who w USING (firm)
    WHERE m.headcount > 0 AND u(m.firm, 0, 'insured') < CASE w.kind WHEN 'enterprise' THEN 0.80 ELSE 0.18 END
      AND u(m.firm, m.t, 'medical_insurance__employer_contribution.skip') > logistic(-5.2 - 1.3 * m.h)
)

-- One row per case of misuse: pharmacies that let cards be used for other goods, employers that insure persons who do not work for them.
SELECT firm AS _firm, known(on_day) AS _known_on,
       left(city_name, 1) || '医保处〔' || year(on_day) || '〕' || digits8(firm * 60 + t, 31) || '号' AS case_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE WHEN industry_code = 'F5251' THEN one_of(['串换药品', '为非定点机构结算', '虚记费用', '超量配药'], firm, t, 'medical_insurance__fund_violation.kind')
           ELSE '虚假参保' END AS kind,
       yuan(misused_fen) AS involved_yuan,
       yuan(misused_fen * (60 + pick(41, firm, t, 'medical_insurance__fund_violation.back')) // 100) AS recovered_yuan,
       yuan(misused_fen * (1 + pick(2, firm, t, 'medical_insurance__fund_violation.fine'))) AS fine_yuan, on_day AS decided_on,
       (CASE WHEN industry_code = 'F5251' THEN 30 * pick(7, firm, t, 'medical_insurance__fund_violation.suspended') ELSE 0 END)::BIGINT AS suspended_days
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'medical_insurance__fund_violation.day')::INTEGER)::DATE AS on_day,
           20000 + 1000 * pick(2800, firm, t, 'medical_insurance__fund_violation.amount') AS misused_fen
    FROM firm_month m JOIN who w USING (firm)
    WHERE u(m.firm, m.t, 'medical_insurance__fund_violation') < CASE WHEN w.industry_code = 'F5251' THEN 0.006 WHEN w.kind = 'enterprise'
      AND m.headcount > 0 THEN 0.00025 ELSE 0 END * exp(-0.6 * m.h)
)

-- One row per issuer and quarter reported; firms in trouble sell more cards and keep less money aside.
SELECT firm AS _firm, known(month) AS _known_on, '341500AAC' || digits8(firm, 181) AS filing_no, usci,
       name_on(month, renamed_on, old_name, name) AS firm_name, month AS period,
       CASE WHEN kind = 'individual' THEN '其他发卡企业'
           WHEN log_size > 1 THEN '规模发卡企业'
           WHEN u(firm, 0, 'commerce__prepaid_card_filing.brand') < 0.2 THEN '品牌发卡企业'
           ELSE '其他发卡企业' END AS issuer_kind,
       (20 + balance_fen // 40000)::BIGINT AS card_count, yuan(balance_fen) AS balance_yuan,
       yuan(round(balance_fen * greatest(0.02, least(0.5, 0.28 + 0.08 * h)))::BIGINT) AS deposited_yuan,
       (whole(0.6 * exp(-0.8 * h), firm, t, 'commerce__prepaid_card_filing.complaints'))::BIGINT AS complaint_count
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount,
           round(w.base_sales * (0.4 + 0.8 * u(m.firm, 0, 'commerce__prepaid_card_filing.share')) * exp(-0.30 * m.h))::BIGINT AS balance_fen
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section IN ('F', 'H', 'O') AND m.t % 3 = 2
      AND u(m.firm, 0, 'commerce__prepaid_card_filing') < CASE w.kind WHEN 'enterprise' THEN 0.14 ELSE 0.03 END
)

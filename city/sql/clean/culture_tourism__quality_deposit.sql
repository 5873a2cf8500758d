-- One row per agency and quarter.
SELECT firm AS _firm, known(month) AS _known_on, usci, name_on(month, renamed_on, old_name, name) AS firm_name, month AS period,
       one_of(['银行存款', '银行担保', '保险'], firm, 0, 'culture_tourism__quality_deposit.way') AS way,
       one_of(['农村商业银行', '徽商银行', '中国工商银行', '中国农业银行'], firm, 0, 'culture_tourism__quality_deposit.bank') AS bank_name, yuan(due_fen) AS due_yuan,
       yuan(due_fen - used_fen) AS held_yuan, yuan(used_fen) AS used_yuan
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount,
           CASE WHEN w.log_size > 1.1 THEN 140000000 ELSE 20000000 END AS due_fen,
           CASE WHEN u(m.firm, m.t, 'culture_tourism__quality_deposit.used') < 0.02 * exp(-0.9 * m.h) THEN 200000 * (1 + pick(30, m.firm, m.t, 'culture_tourism__quality_deposit.amount')) ELSE 0 END AS used_fen
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.industry_code = 'L7291' AND m.t % 3 = 2
)

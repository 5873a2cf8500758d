-- One row per start-up loan lent under the public guarantee.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, head_name AS borrower_name,
       head_id AS borrower_id, 'CYDB' || strftime(on_day, '%Y%m') || digits8(firm, 78755622) AS loan_no,
       CASE kind WHEN 'enterprise' THEN '小微企业' ELSE one_of(['高校毕业生', '返乡农民工', '返乡农民工', '返乡农民工', '就业困难人员', '就业困难人员', '退役军人'], firm, t, 'startup_guarantee_loan.person_kind') END AS person_kind,
       CASE kind WHEN 'enterprise' THEN one_of(['500000', '1000000', '2000000', '3000000'], firm, t, 'startup_guarantee_loan.amount_yuan') ELSE one_of(['100000', '200000', '200000', '300000'], firm, t, 'startup_guarantee_loan.amount_yuan') END::DECIMAL(18, 2) AS amount_yuan,
       one_of(['农村商业银行', '中国邮政储蓄银行', '徽商银行'], firm, t, 'startup_guarantee_loan.bank') AS bank_name, on_day AS lent_on,
       (on_day + INTERVAL 2 YEAR)::DATE AS due_on, one_of(['1.5', '2.0', '2.5'], firm, t, 'startup_guarantee_loan.subsidy_pct')::DOUBLE AS subsidy_pct
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'startup_guarantee_loan.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE m.age BETWEEN 3 AND 60 AND m.h > -1.5 AND w.head = w.firm
      AND u(m.firm, m.t, 'startup_guarantee_loan') < 0.0035
)

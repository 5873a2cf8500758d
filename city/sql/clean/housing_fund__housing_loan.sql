-- One row per person who bought a home with a loan from the fund.
SELECT NULL::BIGINT AS _firm, known(lent) AS _known_on, resident_id, name AS person_name,
       'GJJ' || strftime(lent, '%Y%m') || lpad(id::VARCHAR, 8, '0') AS contract_no, yuan(amount_fen) AS amount_yuan,
       (CASE WHEN lent < DATE '2024-05-18' THEN 3.1 ELSE 2.85 END)::DOUBLE AS rate_pct,
       12 * (10 + pick(21, id, 0, 'housing_loan.term_months')) AS term_months, lent AS lent_on,
       yuan(amount_fen * (75 + pick(25, id, 0, 'housing_loan.balance')) // 100) AS balance_yuan,
       CASE WHEN u(id, 0, 'housing_loan.overdue_periods') < 0.015 THEN 1 + pick(6, id, 0, 'housing_loan.overdue') ELSE 0 END AS overdue_periods
FROM (
    SELECT *, (DATE '2022-01-10' + pick(1700, id, 0, 'housing_loan.day')::INTEGER)::DATE AS lent,
           one_of([20, 30, 30, 35, 45, 45, 55, 65], id, 0, 'housing_loan.amount')::BIGINT * 1000000 AS amount_fen
    FROM person WHERE id > 3 * firms() AND u(id, 0, 'housing_loan') < 0.10
)

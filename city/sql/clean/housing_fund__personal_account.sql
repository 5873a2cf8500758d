-- One row per employee of a contributing employer and year, at the year's end.
SELECT firm AS _firm, known(make_date(y, 12, 31)) AS _known_on, pid AS resident_id, pname AS person_name,
       '3415' || lpad(id::VARCHAR, 8, '0') AS account_no, y AS account_year, usci,
       name_on(make_date(y, 12, 31), renamed_on, old_name, name) AS firm_name,
       yuan(round(520000 * exp(0.3 * z(id, 0, 'personal_account.base')) * (1 + 0.05 * (y - 2021)) / 10000)::BIGINT * 10000) AS base_yuan,
       yuan(round(520000 * exp(0.3 * z(id, 0, 'personal_account.base')) * (1 + 0.05 * (y - 2021)) / 10000)::BIGINT * 10000 * 2 * (5 + pick(8, firm, 0, 'employer_account.rate')) // 100) AS monthly_yuan,
       yuan(round(520000 * exp(0.3 * z(id, 0, 'personal_account.base')) * 2 * (5 + pick(8, firm, 0, 'employer_account.rate')) // 100 * date_diff('month', hired, make_date(y, 12, 31)) * (0.4 + 0.6 * u(id, y, 'personal_account.left')))::BIGINT) AS balance_yuan
FROM (
    SELECT w.*, id, p.resident_id AS pid, p.name AS pname, hired, y
    FROM (SELECT id, resident_id, name, pick(firms(), id, 0, 'employer') + 1 AS employer, DATE '2020-02-01' + pick(2300, id, 0, 'employer.since')::INTEGER AS hired FROM person WHERE id > 3 * firms()) p
    JOIN who w ON w.firm = p.employer CROSS JOIN range(2021, 2026) r(y)
    WHERE w.kind = 'enterprise' AND u(w.firm, 0, 'fund') < 0.42 AND hired BETWEEN w.born AND make_date(y, 11, 30) AND (w.died_on IS NULL OR w.died_on > make_date(y, 12, 31))
)

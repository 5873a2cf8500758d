-- One row per employer and month paid into the housing fund.
SELECT m.firm AS _firm, known(m.month) AS _known_on, usci, org_code, name_on(m.month, renamed_on, old_name, name) AS firm_name, m.month AS period,
       greatest(1, (m.headcount * (55 + pick(35, m.firm, 0, 'fund.share'))) // 100) AS headcount,
       yuan(greatest(1, (m.headcount * (55 + pick(35, m.firm, 0, 'fund.share'))) // 100) * (62000 + 2500 * (t // 12))) AS paid_yuan
FROM firm_month m JOIN who w USING (firm)
WHERE m.kind = 'enterprise' AND m.headcount >= 3 AND u(m.firm, 0, 'fund') < 0.42 AND u(m.firm, t, 'fund.skip') > logistic(-3.9 - 1.3 * h)

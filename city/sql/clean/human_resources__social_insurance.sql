-- One row per employer and month insured; a firm in trouble misses months or pays less than is due.
SELECT m.firm AS _firm, known(m.month) AS _known_on, usci, name_on(m.month, renamed_on, old_name, name) AS firm_name, m.month AS period, m.headcount,
       yuan(due) AS due_yuan, yuan(CASE WHEN trouble < 0.6 * gap THEN 0 WHEN trouble < gap THEN due * 6 // 10 ELSE due END) AS paid_yuan
FROM (SELECT *, headcount * (118000 + 6000 * (t // 12)) AS due, u(firm, t, 'insurance') AS trouble,
             logistic(-4.6 - 1.6 * h) AS gap FROM firm_month WHERE headcount > 0) m
JOIN who w USING (firm)
WHERE u(m.firm, 0, 'insured') < CASE m.kind WHEN 'enterprise' THEN 0.82 ELSE 0.22 END AND trouble NOT BETWEEN gap AND 1.5 * gap

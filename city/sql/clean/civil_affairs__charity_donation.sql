-- One row per donation of a firm.
SELECT firm AS _firm, known(on_day) AS _known_on, 'JZ' || strftime(on_day, '%y%m') || digits8(firm, 379) AS receipt_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of([city_name || '慈善总会', county_name || '慈善总会', city_name || '红十字会'], firm, t, 'civil_affairs__charity_donation.to') AS recipient,
       CASE WHEN u(firm, t, 'civil_affairs__charity_donation.kind') < 0.8 THEN '货币' ELSE '实物' END AS kind,
       yuan(50000 * (1 + pick(40, firm, t, 'civil_affairs__charity_donation.amount')) * (1 + 4 * (log_size > 1)::INTEGER)) AS amount_yuan,
       one_of(['乡村振兴', '助学', '救灾', '扶老', '医疗救助', '非定向'], firm, t, 'civil_affairs__charity_donation.purpose') AS purpose, on_day AS donated_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'civil_affairs__charity_donation.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE m.sales_fen > 0 AND u(m.firm, m.t, 'civil_affairs__charity_donation') < CASE w.kind WHEN 'enterprise' THEN 0.0035 ELSE 0.0005 END * exp(0.5 * m.h + 0.2 * w.log_size)
)

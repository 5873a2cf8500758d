-- One row per listing, again when it is withdrawn.
SELECT firm AS _firm, unnest(versions(on_day, removed)) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['诚信典型企业', '重合同守信用企业', '放心消费示范单位', '劳动关系和谐企业'], firm, 0, 'development_reform__trustworthy_list.list') AS list_name, on_day AS listed_on,
       CASE WHEN u(firm, t, 'development_reform__trustworthy_list.level') < 0.12 THEN '省级'
           WHEN u(firm, t, 'development_reform__trustworthy_list.level') < 0.6 THEN '市级'
           ELSE '县级' END AS level,
       told(removed, _known_on) AS removed_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'development_reform__trustworthy_list.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(m.firm, m.t, 'development_reform__trustworthy_list.removed') < 0.12 * exp(-0.6 * m.h) THEN (m.month + 120 + pick(500, m.firm, m.t, 'development_reform__trustworthy_list.days')::INTEGER)::DATE END AS removed
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND u(m.firm, m.t, 'development_reform__trustworthy_list') < 0.0011 * exp(0.9 * m.h)
)

-- One row per line of equipment to be given up, again when it is gone.
SELECT firm AS _firm, unnest(versions(on_day, closed)) AS _known_on, 'TTLH' || digits8(firm * 200 + t, 227) AS plan_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE industry_code
           WHEN 'C3021' THEN '简易移动式砼砌块成型机'
           WHEN 'C2926' THEN '不可降解塑料制品生产线'
           WHEN 'C2319' THEN '铅排铅印工艺'
           WHEN 'C3484' THEN '黏土砂干型铸造工艺'
           ELSE '高耗能落后电机' END AS equipment,
       '年产' || (1 + pick(20, firm, t, 'industry_information__backward_capacity.capacity')) || '万件' AS capacity_text, division_code, on_day AS listed_on,
       told(closed, _known_on) AS removed_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'industry_information__backward_capacity.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(m.firm, m.t, 'industry_information__backward_capacity.closed') < 0.85 THEN (m.month + 120 + pick(400, m.firm, m.t, 'industry_information__backward_capacity.days')::INTEGER)::DATE END AS closed
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.industry_code IN ('C3021', 'C2926', 'C2319', 'C2032', 'C3484', 'C3311')
      AND u(m.firm, m.t, 'industry_information__backward_capacity') < 0.0007 * exp(-0.4 * m.h)
)

-- One row per lot of pigs that left a farm; their number follows the farm's sales.
SELECT firm AS _firm, known(on_day) AS _known_on,
       left(division_code, 6) || strftime(on_day, '%y%m') || digits8(firm * 600 + t * 10 + k, 19) AS certificate_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name, CASE k WHEN 3 THEN '仔猪' ELSE '生猪' END AS product,
       (1 + sales_fen // 900000)::BIGINT AS head_count, city_name || county_name AS origin,
       one_of(['合肥市', '南京市', '上海市', '杭州市', '六安市', '武汉市'], firm, t * 10 + k, 'agriculture__animal_quarantine.to') AS destination,
       CASE k WHEN 3 THEN '饲养' ELSE '屠宰' END AS use_kind,
       '皖N' || lpad(pick(100000, firm, k, 'agriculture__animal_quarantine.plate')::VARCHAR, 5, '0') AS vehicle_no, on_day AS issued_on
FROM (
    SELECT w.*, m.t, m.month, m.sales_fen, k, (m.month + pick(27, m.firm, m.t * 10 + k, 'agriculture__animal_quarantine.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm) CROSS JOIN range(0, 4) r(k)
    WHERE w.industry_code = 'A0313' AND m.sales_fen > 0 AND u(m.firm, m.t * 10 + k, 'agriculture__animal_quarantine') < 0.75
)

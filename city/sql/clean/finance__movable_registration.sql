-- One row per registration, again when it is cancelled.
SELECT firm AS _firm, unnest(versions(on_day, cancelled)) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       '0' || strftime(on_day, '%y%m') || digits8(firm, 78186235) || lpad(t::VARCHAR, 3, '0') || '0345' AS registration_no,
       one_of(['应收账款质押', '应收账款质押', '应收账款质押', '应收账款质押', '应收账款转让（保理）', '应收账款转让（保理）', '融资租赁', '融资租赁', '融资租赁', '所有权保留'], firm, t, 'movable_registration.kind') AS kind,
       CASE one_of(['应收账款质押', '应收账款质押', '应收账款质押', '应收账款质押', '应收账款转让（保理）', '应收账款转让（保理）', '融资租赁', '融资租赁', '融资租赁', '所有权保留'], firm, t, 'movable_registration.kind') WHEN '融资租赁' THEN '安徽示范融资租赁有限公司' ELSE one_of(['徽商银行', '中国建设银行', '农村商业银行', '中国工商银行'], firm, t, 'movable_registration.party') || left(city_name, 2) || '分行' END AS secured_party,
       CASE one_of(['应收账款质押', '应收账款质押', '应收账款质押', '应收账款质押', '应收账款转让（保理）', '应收账款转让（保理）', '融资租赁', '融资租赁', '融资租赁', '所有权保留'], firm, t, 'movable_registration.kind') WHEN '融资租赁' THEN '生产设备一批' WHEN '所有权保留' THEN '车辆' ELSE year(on_day) || '年度应收账款' END AS asset,
       yuan(greatest(5000000, round(sales_fen * (0.5 + 3 * u(firm, t, 'movable_registration.debt'))))::BIGINT) AS secured_yuan,
       on_day AS registered_on, (on_day + INTERVAL 2 YEAR)::DATE AS until_on, told(cancelled, _known_on) AS cancelled_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'movable_registration.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(m.firm, m.t, 'movable_registration.cancelled') < logistic(1.2 + 0.6 * m.h) THEN (on_day + 200 + pick(400, m.firm, m.t, 'movable_registration.until')::INTEGER)::DATE END AS cancelled
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'G', 'E', 'F') AND m.sales_fen > 0 AND m.h > -1.5
      AND u(m.firm, m.t, 'movable_registration') < least(0.4, 0.004 * exp(-0.2 * m.h))
)

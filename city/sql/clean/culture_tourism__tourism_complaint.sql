-- One row per complaint, again when it has been dealt with.
SELECT firm AS _firm, unnest(versions(on_day, closed)) AS _known_on, 'LYTS' || strftime(on_day, '%y%m') || digits8(firm, 347) AS complaint_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE industry_code
           WHEN 'L7291' THEN one_of(['擅自变更行程', '强迫购物', '退团费用争议', '导游服务质量', '未签订合同'], firm, t, 'culture_tourism__tourism_complaint.matter')
           WHEN 'H6121' THEN one_of(['客房卫生', '预订不予退订', '价格欺诈'], firm, t, 'culture_tourism__tourism_complaint.matter')
           ELSE one_of(['价格欺诈', '商品质量', '服务态度'], firm, t, 'culture_tourism__tourism_complaint.matter') END AS matter,
       on_day AS accepted_on,
       CASE WHEN told(closed, _known_on) IS NULL THEN '处理中'
           ELSE one_of(['调解成功', '调解成功', '调解成功', '调解不成', '撤诉'], firm, t, 'culture_tourism__tourism_complaint.result') END AS result,
       yuan(CASE WHEN told(closed, _known_on) IS NULL THEN NULL ELSE 5000 * pick(60, firm, t, 'culture_tourism__tourism_complaint.paid') END) AS paid_yuan,
       told(closed, _known_on) AS closed_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'culture_tourism__tourism_complaint.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(m.firm, m.t, 'culture_tourism__tourism_complaint.open') > 0.03 THEN (m.month + 30 + pick(70, m.firm, m.t, 'culture_tourism__tourism_complaint.days')::INTEGER)::DATE END AS closed
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.industry_code IN ('L7291', 'H6121', 'H6210', 'F5226') AND m.sales_fen > 0
      AND u(m.firm, m.t, 'culture_tourism__tourism_complaint') < CASE w.industry_code WHEN 'L7291' THEN 0.04 ELSE 0.004 END * exp(-0.5 * m.h)
)

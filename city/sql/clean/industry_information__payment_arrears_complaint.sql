-- One row per complaint of a firm that was not paid, again when the debt is settled.
SELECT firm AS _firm, unnest(versions(on_day, settled)) AS _known_on, 'TQ' || strftime(on_day, '%y%m') || digits8(firm, 233) AS complaint_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['机关', '事业单位', '大型企业', '大型企业'], firm, t, 'industry_information__payment_arrears_complaint.debtor') AS debtor_kind,
       yuan(owed_fen) AS owed_yuan, CASE section WHEN 'E' THEN '工程款' WHEN 'M' THEN '服务款' WHEN 'I' THEN '服务款' ELSE '货款' END AS cause,
       on_day AS accepted_on, told(settled, _known_on) AS settled_on,
       yuan(CASE WHEN told(settled, _known_on) IS NULL THEN 0
           ELSE owed_fen * (60 + pick(41, firm, t, 'industry_information__payment_arrears_complaint.paid')) // 100 END) AS paid_yuan
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'industry_information__payment_arrears_complaint.day')::INTEGER)::DATE AS on_day,
           greatest(500000, round(m.sales_fen * (0.3 + 3 * u(m.firm, m.t, 'industry_information__payment_arrears_complaint.owed'))))::BIGINT AS owed_fen,
           CASE WHEN u(m.firm, m.t, 'industry_information__payment_arrears_complaint.settled') < 0.6 THEN (m.month + 60 + pick(400, m.firm, m.t, 'industry_information__payment_arrears_complaint.days')::INTEGER)::DATE END AS settled
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section IN ('C', 'E', 'F', 'M', 'N', 'I') AND m.sales_fen > 0
      AND u(m.firm, m.t, 'industry_information__payment_arrears_complaint') < 0.0022 * exp(-0.45 * m.h)
)

-- One row per gas meter and month: kitchens and works; the weak leave bills unpaid.
SELECT firm AS _firm, known(month) AS _known_on, usci, name_on(month, renamed_on, old_name, name) AS firm_name,
       'RQ' || digits8(firm, 22360679) AS meter_no, month AS period, CASE section WHEN 'C' THEN '工业' ELSE '商业' END AS price_class,
       cubic AS cubic_metres, yuan(cubic * CASE section WHEN 'C' THEN 376 ELSE 402 END) AS charge_yuan,
       CASE WHEN u(firm, t, 'gas.unpaid') > logistic(-3.5 - 1.2 * h) THEN (month + 31 + pick(9, firm, t, 'gas.paid')::INTEGER)::DATE END AS paid_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount,
           (20 + round(m.base_sales / 1000000 * CASE w.section WHEN 'H' THEN 14 ELSE 25 END * least(5, m.sales_fen / m.base_sales) * exp(0.15 * z(m.firm, m.t, 'gas.used'))))::BIGINT AS cubic
    FROM firm_month m JOIN who w USING (firm)
    WHERE (w.section = 'H' OR w.industry_code IN ('C1353', 'C1530', 'C3021', 'C3311', 'C1819')) AND m.sales_fen > 0
      AND u(m.firm, 0, 'gas') < 0.35
)

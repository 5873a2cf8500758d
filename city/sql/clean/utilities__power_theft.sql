-- One row per case found.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       'WY' || strftime(on_day, '%Y%m') || digits8(firm, 15206123) AS case_no,
       one_of(['窃电', '超容量用电', '超容量用电', '超容量用电', '超容量用电', '擅自改变用电类别', '擅自改变用电类别', '擅自改变用电类别', '私自转供电'], firm, t, 'power_theft.conduct') AS conduct,
       200 + pick(30000, firm, t, 'power_theft.kwh') AS kwh, yuan((200 + pick(30000, firm, t, 'power_theft.kwh')) * 68) AS back_pay_yuan,
       yuan((200 + pick(30000, firm, t, 'power_theft.kwh')) * 68 * 2) AS penalty_yuan, on_day AS found_on,
       CASE WHEN u(firm, t, 'power_theft.settled') < logistic(2 + h) THEN '是' ELSE '否' END AS settled
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'power_theft.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE u(w.firm, 0, 'meter') < 0.4
      AND u(m.firm, m.t, 'power_theft') < least(0.4, 0.0005 * exp(-0.9 * m.h))
)

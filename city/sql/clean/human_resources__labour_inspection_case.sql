-- One row per case opened against an employer, again when it is closed.
SELECT firm AS _firm, unnest(versions(on_day, closed)) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       left(county_name, 2) || '人社监案〔' || strftime(on_day, '%Y') || '〕' || digits8(firm, 45309499) || lpad(t::VARCHAR, 2, '0') || '号' AS case_no,
       on_day AS filed_on,
       one_of(['拖欠工资', '拖欠工资', '拖欠工资', '拖欠工资', '拖欠工资', '拖欠工资', '拖欠工资', '拖欠工资', '未签劳动合同', '未签劳动合同', '未签劳动合同', '未签劳动合同', '超时加班', '超时加班', '未缴社会保险', '未缴社会保险', '未缴社会保险', '扣押证件'], firm, t, 'labour_inspection_case.violation') AS violation,
       greatest(1, headcount * (10 + pick(71, firm, t, 'labour_inspection_case.workers')) // 100) AS workers,
       yuan(greatest(1, headcount) * (300000 + pick(900000, firm, t, 'labour_inspection_case.wages'))) AS wages_yuan,
       one_of(['责令改正', '责令改正', '责令改正', '责令改正', '责令改正', '责令改正', '行政处理', '行政处理', '行政处理', '行政处罚', '行政处罚', '移送公安'], firm, t, 'labour_inspection_case.outcome') AS outcome,
       told(closed, _known_on) AS closed_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'labour_inspection_case.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(m.firm, m.t, 'labour_inspection_case.closed') < logistic(1.4 + 0.7 * m.h) THEN (on_day + 20 + pick(160, m.firm, m.t, 'labour_inspection_case.until')::INTEGER)::DATE END AS closed
    FROM firm_month m JOIN who w USING (firm)
    WHERE m.headcount > 0
      AND u(m.firm, m.t, 'labour_inspection_case') < least(0.4, 0.0026 * exp(-1 * m.h))
)

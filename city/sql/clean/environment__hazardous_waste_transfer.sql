-- One row per transfer from a works or garage; months without production have none.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       strftime(on_day, '%Y%m') || '3415' || digits8(firm, 31785446) AS manifest_no,
       one_of(['900-249-08', '900-249-08', '900-249-08', '900-041-49', '900-041-49', '900-039-49', '336-064-17', '900-214-08', '900-214-08'], firm, t, 'hazardous_waste_transfer.waste_code') AS waste_code,
       one_of(['废矿物油', '废矿物油', '废矿物油', '废包装桶', '废包装桶', '废活性炭', '表面处理污泥', '废机油', '废机油'], firm, t, 'hazardous_waste_transfer.waste_code') AS waste_name,
       round(exp(-0.2 + 0.5 * log_size + 0.7 * z(firm, t, 'hazardous_waste_transfer.tonnes')), 3)::DOUBLE AS tonnes,
       one_of(['安徽示范环保科技有限公司', '合肥示范固废处置有限公司', '六安示范再生资源有限公司'], firm, t, 'hazardous_waste_transfer.receiver') AS receiver, on_day AS sent_on,
       (on_day + pick(2, firm, t, 'hazardous_waste_transfer.received')::INTEGER)::DATE AS received_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'hazardous_waste_transfer.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.industry_code IN ('C2319', 'C2926', 'C3311', 'C3484', 'C3831', 'C3985', 'O8111', 'C2032') AND m.sales_fen > 0 AND u(w.firm, 0, 'hazardous_waste_transfer') < 0.6
      AND u(m.firm, m.t, 'hazardous_waste_transfer') < 0.12
)

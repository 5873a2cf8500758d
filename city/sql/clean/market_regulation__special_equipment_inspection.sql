-- One row per inspection of a firm's equipment.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       'TJ' || strftime(on_day, '%Y%m') || digits8(firm, 19775365) AS report_no,
       one_of(['压力容器', '电梯', '起重机械', '场（厂）内专用机动车辆', '锅炉'], firm, t % 5, 'special_equipment.kind') AS equipment_kind,
       one_of(['定期检验', '定期检验', '定期检验', '定期检验', '定期检验', '定期检验', '定期检验', '定期检验', '监督检验', '首次检验'], firm, t, 'special_equipment_inspection.inspection_kind') AS inspection_kind,
       CASE WHEN u(firm, t, 'special_equipment_inspection.bad') < 0.03 * exp(-0.5 * h) THEN '不合格' ELSE one_of(['合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '合格', '整改后合格'], firm, t, 'special_equipment_inspection.result') END AS result,
       CASE WHEN u(firm, t, 'special_equipment_inspection.faults') < 0.12 THEN one_of(['安全附件未按期校验', '作业人员无证操作', '安全技术档案不全', '限位装置失效'], firm, t, 'special_equipment_inspection.fault') END AS faults,
       on_day AS inspected_on, (on_day + INTERVAL 1 YEAR)::DATE AS next_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'special_equipment_inspection.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'G', 'H', 'F', 'E') AND u(w.firm, 0, 'special_equipment') < CASE w.section WHEN 'C' THEN 0.40 WHEN 'H' THEN 0.20 WHEN 'G' THEN 0.20 ELSE 0.06 END * exp(0.4 * w.log_size)
      AND u(m.firm, m.t, 'special_equipment_inspection') < 0.06
)

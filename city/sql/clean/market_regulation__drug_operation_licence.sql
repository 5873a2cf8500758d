-- One row per licence to trade in drugs; it is good for five years.
SELECT firm AS _firm, known(issued_on) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       '皖C' || one_of(['A', 'B'], firm, 0, 'drug_operation_licence.class') || '564' || strftime(issued_on, '%y') || digits8(firm, 715050) AS licence_no,
       CASE WHEN kind = 'individual' THEN '零售' ELSE one_of(['零售', '零售', '零售', '零售（连锁）', '零售（连锁）', '零售（连锁）', '批发'], firm, 0, 'drug_operation_licence.mode') END AS mode,
       one_of(['中成药、化学药制剂、抗生素', '中成药、化学药制剂、抗生素', '中药饮片、中成药、化学药制剂、抗生素、生化药品', '中药饮片、中成药、化学药制剂、抗生素、生化药品', '中药饮片、中成药、化学药制剂、抗生素、生化药品'], firm, 0, 'drug_operation_licence.scope') AS scope,
       partner_name AS quality_head, (1 + pick(3, firm, k, 'drug_operation_licence.pharmacists')) AS pharmacists, issued_on, valid_until,
       CASE WHEN mu < -1.5 THEN '否' ELSE '是' END AS gsp
FROM (
    SELECT w.*, k, (born + 20 + pick(180, w.firm, k, 'drug_operation_licence.day')::INTEGER + to_years(5 * k::INTEGER))::DATE AS issued_on,
           (issued_on + INTERVAL 5 YEAR - INTERVAL 1 DAY)::DATE AS valid_until
    FROM who w CROSS JOIN range(5) r(k)
    WHERE w.industry_code = 'F5251'
      AND u(w.firm, 0, 'drug_operation_licence') < 0.97
      AND (k = 0 OR u(w.firm, k, 'drug_operation_licence.renewed') < 0.93)
)
WHERE issued_on BETWEEN DATE '2017-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

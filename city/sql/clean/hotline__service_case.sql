-- One row per matter settled, about one a firm and quarter.
SELECT firm AS _firm, known(on_day) AS _known_on, division_code || strftime(on_day, '%y%m') || digits8(firm, 569) AS case_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['企业变更登记', '发票核定调整', '社会保险登记变更', '食品经营许可', '道路运输证年审', '公共场所卫生许可延续', '施工许可', '排污登记', '不动产抵押登记', '公积金汇缴变更'], firm, t, 'hotline__service_case.matter') AS matter,
       CASE WHEN u(firm, t, 'hotline__service_case.quick') < 0.55 THEN '即办件' ELSE '承诺件' END AS kind, county_name || '政务服务中心' AS authority,
       one_of(['网上办理', '网上办理', '窗口办理', '自助终端', '皖事通'], firm, t, 'hotline__service_case.channel') AS channel, on_day AS accepted_on,
       (on_day + CASE WHEN u(firm, t, 'hotline__service_case.quick') < 0.55 THEN 0
           ELSE 1 + pick(14, firm, t, 'hotline__service_case.days') END::INTEGER)::DATE AS finished_on,
       CASE WHEN u(firm, t, 'hotline__service_case.result') < 0.03 * exp(-0.4 * h) THEN '不予'
           WHEN u(firm, t, 'hotline__service_case.result') > 0.985 THEN '撤回'
           ELSE '准予' END AS result
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'hotline__service_case.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE m.sales_fen >= 0 AND u(m.firm, m.t, 'hotline__service_case') < 0.16 * exp(0.15 * w.log_size + 0.08 * m.h)
)

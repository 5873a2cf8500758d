-- One row per firm drawn and inspected.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       left(division_code, 4) || strftime(on_day, '%Y%m') || digits8(firm, 65669884) AS task_no,
       year(on_day) || one_of(['年度企业公示信息抽查', '年食品经营联合抽查', '年广告行为抽查', '年价格行为检查'], firm, t, 'random_inspection.task_name') AS task_name,
       one_of(['是', '否', '否'], firm, t, 'random_inspection.joint') AS joint, on_day AS inspected_on,
       CASE WHEN u(firm, t, 'random_inspection.bad') < least(0.7, 0.12 * exp(-0.6 * h)) THEN one_of(['发现问题已责令改正', '发现问题已责令改正', '发现问题已责令改正', '发现问题已责令改正', '发现问题已责令改正', '发现问题待后续处理', '发现问题待后续处理', '通过登记的住所无法联系', '通过登记的住所无法联系', '不配合检查'], firm, t, 'random_inspection.result') ELSE '未发现问题' END AS result,
       county_name || '市场监督管理局' AS authority
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'random_inspection.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE u(m.firm, m.t, 'random_inspection') < 0.006
)

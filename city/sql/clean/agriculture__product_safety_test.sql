-- One row per sample taken from a producer.
SELECT firm AS _firm, known(on_day) AS _known_on, 'NCP' || strftime(on_day, '%Y%m') || digits8(firm, 83) AS sample_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name, division_code,
       CASE industry_code
           WHEN 'A0111' THEN '稻谷'
           WHEN 'A0164' THEN '茶叶'
           WHEN 'A0313' THEN '猪肉'
           WHEN 'A0412' THEN one_of(['鲫鱼', '小龙虾', '鲢鱼'], firm, t, 'agriculture__product_safety_test.fish')
           ELSE one_of(['豇豆', '韭菜', '草莓', '芹菜', '黄瓜'], firm, t, 'agriculture__product_safety_test.vegetable') END AS product,
       on_day AS sampled_on, (on_day + 7 + pick(14, firm, t, 'agriculture__product_safety_test.reported')::INTEGER)::DATE AS reported_on,
       CASE WHEN u(firm, t, 'agriculture__product_safety_test.failed') < 0.012 * exp(-0.6 * h) THEN '不合格' ELSE '合格' END AS verdict,
       CASE WHEN u(firm, t, 'agriculture__product_safety_test.failed') < 0.012 * exp(-0.6 * h) THEN one_of(['毒死蜱', '腐霉利', '恩诺沙星', '氧乐果'], firm, t, 'agriculture__product_safety_test.item') END AS failed_item,
       one_of(['六安市农产品质量检测中心', '安徽示例检测技术有限公司', '皖西检验检测院'], firm, t, 'agriculture__product_safety_test.laboratory') AS laboratory
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'agriculture__product_safety_test.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE (w.section = 'A' OR w.industry_code = 'F5123') AND u(m.firm, m.t, 'agriculture__product_safety_test') < 0.045
)

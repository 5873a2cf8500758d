-- One row per product of a maker or trader that was checked; the weak fail more often.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       'CJ3415' || strftime(on_day, '%Y%m') || digits8(firm, 40388555) AS sample_no,
       one_of(words, firm, t, 'product_spot_check.word') || '制品' AS product,
       one_of(['国家', '省级', '省级', '市级', '市级', '市级', '市级', '市级'], firm, t, 'product_spot_check.tier') AS tier,
       CASE WHEN u(firm, t, 'product_spot_check.bad') < least(0.6, 0.06 * exp(-0.5 * h)) THEN '不合格' ELSE '合格' END AS result,
       CASE WHEN u(firm, t, 'product_spot_check.bad') < least(0.6, 0.06 * exp(-0.5 * h)) THEN one_of(['标识', '甲醛释放量', '绝缘厚度', '抗压强度', '耐久性'], firm, t, 'product_spot_check.item') END AS bad_item,
       on_day AS sampled_on, city_name || '产品质量监督检验研究院' AS lab
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'product_spot_check.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'F')
      AND u(m.firm, m.t, 'product_spot_check') < 0.006
)

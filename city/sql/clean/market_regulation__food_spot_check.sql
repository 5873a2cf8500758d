-- One row per sample of food taken.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       'XBJ' || strftime(on_day, '%y%m') || division_code || digits8(firm, 56052969) AS sample_no,
       one_of(['茶叶', '小麦粉', '酱卤肉制品', '豆芽', '白酒', '糕点', '食用油', '餐具'], firm, t, 'food_spot_check.food') AS food,
       one_of(['茶叶及相关制品', '粮食加工品', '肉制品', '食用农产品', '酒类', '糕点', '食用油、油脂及其制品', '餐饮食品'], firm, t, 'food_spot_check.food') AS food_class,
       CASE section WHEN 'C' THEN '生产' WHEN 'H' THEN '餐饮' ELSE '流通' END AS stage,
       CASE WHEN u(firm, t, 'food_spot_check.bad') < least(0.4, 0.022 * exp(-0.5 * h)) THEN '不合格' ELSE '合格' END AS result,
       CASE WHEN u(firm, t, 'food_spot_check.bad') < least(0.4, 0.022 * exp(-0.5 * h)) THEN one_of(['菌落总数', '苯甲酸', '阴离子合成洗涤剂', '农药残留', '过氧化值'], firm, t, 'food_spot_check.item') END AS bad_item,
       on_day AS sampled_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'food_spot_check.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE (w.section = 'H' OR w.industry_code IN ('F5211', 'F5212', 'F5226', 'F5123', 'C1311', 'C1353', 'C1530'))
      AND u(m.firm, m.t, 'food_spot_check') < 0.03
)

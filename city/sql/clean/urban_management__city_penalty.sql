-- One row per penalty.
SELECT firm AS _firm, known(on_day) AS _known_on,
       left(city_name, 1) || '城管罚字〔' || year(on_day) || '〕' || digits8(firm * 60 + t, 491) || '号' AS case_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE section WHEN 'E' THEN '城乡规划与渣土' WHEN 'H' THEN '餐饮油烟' ELSE '市容环境卫生' END AS field_of_law,
       CASE section
           WHEN 'E' THEN one_of(['运输车辆未密闭撒漏', '未经核准处置建筑垃圾', '夜间施工扰民'], firm, t, 'urban_management__city_penalty.what')
           WHEN 'H' THEN one_of(['未安装油烟净化设施', '露天烧烤', '餐厨垃圾未按规定处置'], firm, t, 'urban_management__city_penalty.what')
           ELSE one_of(['超出门窗外墙摆摊经营', '擅自设置户外广告', '占用城市道路堆放物料'], firm, t, 'urban_management__city_penalty.what') END AS violation,
       yuan(CASE section WHEN 'E' THEN 300000 ELSE 10000 END * (1 + pick(20, firm, t, 'urban_management__city_penalty.fine'))) AS fine_yuan,
       CASE section WHEN 'E' THEN '普通程序' ELSE one_of(['简易程序', '简易程序', '普通程序'], firm, t, 'urban_management__city_penalty.way') END AS way,
       on_day AS penalised_on, division_code
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'urban_management__city_penalty.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section IN ('F', 'H', 'O', 'E', 'G', 'L') AND m.sales_fen > 0
      AND u(m.firm, m.t, 'urban_management__city_penalty') < CASE w.kind WHEN 'individual' THEN 0.002 ELSE 0.0024 END * exp(-0.35 * m.h)
)

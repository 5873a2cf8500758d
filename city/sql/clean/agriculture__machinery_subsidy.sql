-- One row per machine subsidised.
SELECT firm AS _firm, known(on_day + 60 + pick(120, firm, t, 'agriculture__machinery_subsidy.paid')::INTEGER) AS _known_on,
       'NJ' || division_code || strftime(on_day, '%Y%m') || digits8(firm, 17) AS application_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       ['轮式拖拉机', '谷物联合收割机', '水稻插秧机', '植保无人驾驶航空器', '茶叶炒（烘）干机', '增氧机'][1 + model_no] AS machine_kind, 'A' || digits8(firm * 60 + t, 77) AS factory_no,
       yuan([11800000, 9600000, 4200000, 3800000, 900000, 260000][1 + model_no] * (90 + pick(25, firm, t, 'agriculture__machinery_subsidy.price')) // 100) AS price_yuan,
       yuan([3100000, 2850000, 1200000, 1000000, 270000, 60000][1 + model_no]) AS subsidy_yuan, on_day AS bought_on,
       (on_day + 60 + pick(120, firm, t, 'agriculture__machinery_subsidy.paid')::INTEGER)::DATE AS paid_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'agriculture__machinery_subsidy.day')::INTEGER)::DATE AS on_day,
           pick(6, firm, t, 'agriculture__machinery_subsidy.model') AS model_no
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section = 'A' AND u(m.firm, m.t, 'agriculture__machinery_subsidy') < 0.012 * exp(0.3 * m.h)
)

-- One row per permit of a builder.
SELECT firm AS _firm, known(on_day) AS _known_on, 'ZT' || strftime(on_day, '%y%m') || digits8(firm, 487) AS permit_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE section WHEN 'G' THEN '运输' ELSE one_of(['产生', '产生', '消纳'], firm, t, 'urban_management__construction_waste_permit.kind') END AS kind,
       county_name || one_of(['安置小区', '产业园标准厂房', '道路改造', '农贸市场', '商业综合体'], firm, t, 'urban_management__construction_waste_permit.site') || '工地' AS site_name,
       (100 * (1 + pick(400, firm, t, 'urban_management__construction_waste_permit.volume')))::DOUBLE AS volume_m3,
       one_of(['迎宾大道', '皖西大道', '寿春路', '正阳路'], firm, t, 'urban_management__construction_waste_permit.route') || '—消纳场' AS route, on_day AS granted_on,
       on_day + 30 + (30 * pick(6, firm, t, 'urban_management__construction_waste_permit.months'))::INTEGER AS valid_until
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'urban_management__construction_waste_permit.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section IN ('E', 'G') AND w.kind = 'enterprise' AND m.sales_fen > 0
      AND u(m.firm, m.t, 'urban_management__construction_waste_permit') < CASE w.section WHEN 'E' THEN 0.03 ELSE 0.008 END * exp(0.3 * m.h)
)

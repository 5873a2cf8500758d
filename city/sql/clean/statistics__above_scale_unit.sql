-- One row per unit and year on the list.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, y::BIGINT AS list_year,
       CASE section
           WHEN 'C' THEN '规模以上工业'
           WHEN 'E' THEN '有资质建筑业'
           WHEN 'F' THEN '限额以上批发零售业'
           WHEN 'H' THEN '限额以上住宿餐饮业'
           WHEN 'A' THEN '规模以上农业'
           ELSE '规模以上服务业' END AS trade,
       industry_code, division_code, CASE WHEN h < -2.2 THEN '停业' ELSE '正常营业' END AS status,
       make_date(y, 1, 1 + pick(28, firm, y, 'statistics__above_scale_unit.entered')::INTEGER) AS entered_on
FROM (
    SELECT w.*, y, h.t, h.h, h.strength, make_date(y + 1, 1, 20) AS on_day
    FROM who w CROSS JOIN range(2020, 2022 + (last_month() + 1) // 12) r(y) JOIN health h USING (firm)
    WHERE h.t = (y - 2022) * 12 + 11 AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 1, 20))
      AND w.kind = 'enterprise' AND w.base_sales * 12 * exp(0.4 * h.strength) > CASE WHEN w.section IN ('H', 'O') THEN 200000000 WHEN w.section = 'F' THEN 500000000 ELSE 2000000000 END
)

-- One row per county, figure and quarter; sales are those of the firms in it.
SELECT NULL::BIGINT AS _firm, known(month) AS _known_on, division_code, month AS period, indicator, unit_text,
       (round(total / 1000000.0, 2))::DOUBLE AS value,
       (least(1000.0, round(100.0 * total / nullif(lag(total, 4) OVER (PARTITION BY division_code, no ORDER BY q), 0) - 100, 1)))::DOUBLE AS growth_pct
FROM (
    SELECT division_code, t // 3 AS q, month_of(3 * (t // 3) + 2) AS month, i.no, i.indicator, i.unit_text,
           sum(CASE i.no WHEN 1 THEN sales_fen WHEN 2 THEN CASE section WHEN 'C' THEN sales_fen ELSE 0 END WHEN 3 THEN CASE WHEN section IN ('F', 'H') THEN sales_fen ELSE 0 END
                         WHEN 4 THEN CASE section WHEN 'E' THEN sales_fen ELSE 0 END ELSE headcount * 1000000 END)::BIGINT AS total
    FROM (SELECT m.t, m.section, m.sales_fen, m.headcount, w.division_code FROM firm_month m JOIN who w USING (firm))
    CROSS JOIN (VALUES (1, '全部单位营业收入', '万元'), (2, '工业总产值', '万元'), (3, '社会消费品零售总额', '万元'), (4, '建筑业总产值', '万元'), (5, '单位从业人员', '人')) i(no, indicator, unit_text)
    GROUP BY ALL
)

-- One row per school and school year.
SELECT NULL::BIGINT AS _firm, known(on_day) AS _known_on, '34' || code || lpad(no::VARCHAR, 5, '0') AS school_code, y::BIGINT AS school_year,
       town || ['中心小学', '初级中学', '中心幼儿园', '第二小学', '第三小学', '小太阳幼儿园', '阳光幼儿园', '希望小学', '育才学校'][1 + k] AS school_name,
       ['小学', '初级中学', '幼儿园', '小学', '小学', '幼儿园', '幼儿园', '小学', '九年一贯制'][1 + k] AS stage, CASE WHEN k IN (5, 6, 8) THEN '民办' ELSE '公办' END AS ownership,
       code AS division_code,
       (CASE k
           WHEN 0 THEN 600
           WHEN 1 THEN 700
           WHEN 8 THEN 900
           ELSE 180 END + pick(300, no, 0, 'education__school_register.pupils') - 12 * (y - 2020))::BIGINT AS student_count,
       (12 + pick(50, no, 0, 'education__school_register.teachers'))::BIGINT AS teacher_count
FROM (
    SELECT c.*, town, k, y, make_date(y, 10, 15) AS on_day, row_number() OVER (PARTITION BY y ORDER BY c.code, town, k) AS no
    FROM (SELECT *, unnest(towns) AS town FROM county) c CROSS JOIN range(0, 9) r(k) CROSS JOIN range(2020, 2031) s(y)
)
WHERE on_day <= last_day_lived()

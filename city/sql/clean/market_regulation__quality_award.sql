-- One row per firm and year awarded.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, y AS award_year,
       CASE WHEN strength > 2 THEN '省级' WHEN strength > 1.4 THEN '市级' ELSE '县级' END AS tier,
       one_of(['质量奖', '质量奖提名奖', '质量奖提名奖'], firm, y, 'quality_award.grade') AS grade,
       CASE WHEN strength > 1.4 THEN wan(30000000) ELSE wan(10000000) END AS bonus_wan,
       left(city_name, 1) || '政秘〔' || (y + 1) || '〕' || (10 + pick(80, 1, y, 'quality_award.no')) || '号' AS decision_no
FROM (
    SELECT w.*, y, health.h, health.strength, (make_date(y + 1, 9, 10) + pick(15, w.firm, y, 'quality_award.day')::INTEGER)::DATE AS on_day
    FROM who w CROSS JOIN range(2020, 2026) r(y)
    JOIN health ON health.firm = w.firm AND health.t = (y - 2022) * 12 + 11
    WHERE w.kind = 'enterprise'
      AND health.strength > 0.9 AND w.log_size > 0.3
      AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 9, 10))
      AND u(w.firm, 0, 'quality_award') < 0.05
)
WHERE on_day <= last_day_lived()

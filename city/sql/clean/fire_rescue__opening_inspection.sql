-- One row per check of a place before it opened, and again after it moved.
SELECT firm AS _firm, known(on_day) AS _known_on,
       left(city_name, 1) || '消安检字〔' || year(on_day) || '〕第' || digits8(firm, 601) || lpad(k::VARCHAR, 2, '0') || '号' AS certificate_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE section WHEN 'H' THEN CASE industry_code WHEN 'H6121' THEN '宾馆' ELSE '饭店' END WHEN 'O' THEN '美容美发场所' ELSE '商场' END AS use_kind,
       CASE k WHEN 1 THEN new_address ELSE address END AS address, (round(30 + 120 * exp(0.7 * log_size)))::DOUBLE AS area_m2,
       CASE WHEN on_day >= DATE '2021-05-01' AND u(firm, k, 'fire_rescue__opening_inspection.way') < 0.7 THEN '告知承诺' ELSE '现场检查' END AS way,
       CASE WHEN u(firm, k, 'fire_rescue__opening_inspection.verdict') < 0.02 THEN '不合格' ELSE '合格' END AS verdict, on_day AS decided_on
FROM (
    SELECT w.*, k, CASE k WHEN 0 THEN w.born + 3 + pick(60, w.firm, 0, 'fire_rescue__opening_inspection.day')::INTEGER ELSE w.moved_on + 10 + pick(40, w.firm, 1, 'fire_rescue__opening_inspection.day')::INTEGER END::DATE AS on_day
    FROM who w CROSS JOIN range(0, 2) r(k)
    WHERE (w.section = 'H' OR w.industry_code IN ('F5211', 'F5212', 'O8040'))
      AND u(w.firm, 0, 'fire_rescue__opening_inspection') < CASE w.kind WHEN 'enterprise' THEN 0.9 ELSE 0.35 END AND (k = 0 OR w.moved_on IS NOT NULL)
)
WHERE on_day BETWEEN DATE '2012-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

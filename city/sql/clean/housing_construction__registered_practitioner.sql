-- One row per practitioner registered with a firm, again when the registration moves away.
SELECT firm AS _firm, unnest(versions(on_day, left_day)) AS _known_on, '皖134' || digits8(firm, 113) || k AS registration_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name, holder AS person_name, holder_id AS person_id,
       CASE section
           WHEN 'M' THEN one_of(['一级注册建筑师', '注册结构工程师', '注册公用设备工程师'], firm, k, 'housing_construction__registered_practitioner.kind')
           ELSE one_of(['二级注册建造师（建筑工程）', '二级注册建造师（市政公用工程）', '一级注册建造师（建筑工程）', '二级造价工程师'], firm, k, 'housing_construction__registered_practitioner.kind') END AS category,
       on_day AS registered_on, (on_day + INTERVAL 3 YEAR)::DATE AS valid_until, told(left_day, _known_on) AS left_on
FROM (
    SELECT w.*, k, p.name AS holder, p.resident_id AS holder_id, (w.born + 60 + pick(1500, w.firm, k, 'housing_construction__registered_practitioner.day')::INTEGER)::DATE AS on_day,
           CASE WHEN w.died_on IS NOT NULL THEN w.died_on + 5
                WHEN u(w.firm, k, 'housing_construction__registered_practitioner.left') < 0.22 * exp(-0.6 * w.mu) THEN w.born + 1700 + pick(2600, w.firm, k, 'housing_construction__registered_practitioner.left.on')::INTEGER END::DATE AS left_day
    FROM who w CROSS JOIN range(0, 8) r(k) JOIN person p ON p.id = 3 * firms() + 1 + pick(firms(), w.firm, k, 'housing_construction__registered_practitioner.who')
    WHERE w.kind = 'enterprise' AND w.section IN ('E', 'M') AND k < greatest(1, least(8, 2.5 * exp(0.5 * w.log_size)))
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived())) AND (left_day IS NULL OR left_day > greatest(on_day, DATE '2021-01-01'))

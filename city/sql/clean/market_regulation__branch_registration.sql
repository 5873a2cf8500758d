-- One row per branch of an enterprise, again when it is closed; up to three, the larger ones rather.
SELECT firm AS _firm, unnest(versions(issued_on, ended)) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       division_code || lpad(k::VARCHAR, 1, '0') || digits8(firm, 57793015) AS branch_no,
       name_on(issued_on, renamed_on, old_name, name) || one_of(towns, firm, k, 'branch_registration.place') || one_of(['分公司', '分店', '门市部'], firm, k, 'branch_registration.form') AS branch_name,
       CASE WHEN k = 0 THEN partner_name ELSE head_name END AS manager,
       city_name || county_name || one_of(towns, firm, k, 'branch_registration.place') || (1 + pick(200, firm, k, 'branch_registration.door')) || '号' AS address,
       issued_on AS registered_on, CASE WHEN told(ended, _known_on) IS NOT NULL THEN '注销' ELSE '存续' END AS state,
       told(ended, _known_on) AS cancelled_on
FROM (
    SELECT *, CASE WHEN ended_drawn > issued_on + 90 AND (died_on IS NULL OR ended_drawn < died_on) THEN ended_drawn ELSE died_on END AS ended
    FROM (
        SELECT w.*, county.towns, k, (born + 300 + 500 * k::INTEGER + pick(500, w.firm, k, 'branch_registration.day')::INTEGER)::DATE AS issued_on,
               CASE WHEN u(w.firm, k, 'branch_registration.ended') < 0.25 THEN (DATE '2022-02-01' + pick(1650, w.firm, k, 'branch_registration.ended.on')::INTEGER)::DATE END AS ended_drawn
        FROM who w JOIN county ON county.code = w.division_code CROSS JOIN range(3) r(k)
        WHERE w.kind = 'enterprise' AND w.section IN ('F', 'H', 'C', 'E', 'L') AND u(w.firm, 0, 'branch_registration') < 0.10 * exp(0.5 * w.log_size) * power(0.45, k)
    )
)
WHERE issued_on <= least(last_day_lived(), coalesce(died_on - 30, last_day_lived()))

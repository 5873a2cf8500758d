-- One row per qualification of a driver.
SELECT NULL::BIGINT AS _firm, known(on_day) AS _known_on, resident_id, name AS person_name,
       '3415' || digits8(id, 5) || lpad(pick(1000000, id, 0, 'transport__driver_qualification.number')::VARCHAR, 6, '0') AS certificate_no,
       CASE WHEN u(id, 0, 'transport__driver_qualification.kind') < 0.75 THEN '经营性道路货物运输驾驶员'
           WHEN u(id, 0, 'transport__driver_qualification.kind') < 0.85 THEN '出租汽车驾驶员'
           WHEN u(id, 0, 'transport__driver_qualification.kind') < 0.94 THEN '经营性道路旅客运输驾驶员'
           ELSE '道路危险货物运输驾驶员' END AS category,
       on_day AS issued_on, (on_day + INTERVAL 6 YEAR)::DATE AS valid_until,
       (CASE WHEN u(id, 0, 'transport__driver_qualification.score') < 0.85 THEN 0
           ELSE pick(20, id, 0, 'transport__driver_qualification.points') END)::BIGINT AS score,
       CASE WHEN u(id, 0, 'transport__driver_qualification.score') < 0.85 THEN 'AAA'
           ELSE one_of(['AA', 'A', 'A', 'B'], id, 0, 'transport__driver_qualification.grade') END AS grade
FROM (
    SELECT p.*, (DATE '2019-01-01' + pick(3650, p.id, 0, 'transport__driver_qualification.day')::INTEGER)::DATE AS on_day
    FROM person p
    WHERE u(p.id, 0, 'transport__driver_qualification') < 0.05
)
WHERE on_day <= last_day_lived()

-- One row per physician, again when the registration is cancelled.
SELECT NULL::BIGINT AS _firm, unnest(versions(on_day, cancelled)) AS _known_on, resident_id, name AS person_name,
       CASE substr(resident_id, 17, 1)::BIGINT % 2 WHEN 1 THEN '男' ELSE '女' END AS gender,
       '110' || left(division_code, 4) || digits8(id, 311) AS certificate_no,
       CASE WHEN u(id, 0, 'health__practising_physician.level') < 0.72 THEN '执业医师' ELSE '执业助理医师' END AS level,
       one_of(['临床', '临床', '临床', '中医', '口腔', '公共卫生'], id, 0, 'health__practising_physician.category') AS category,
       one_of(['内科', '外科', '妇产科', '儿科', '全科医学', '中医', '口腔', '眼耳鼻咽喉科'], id, 0, 'health__practising_physician.scope') AS scope, division_code,
       on_day AS registered_on, told(cancelled, _known_on) AS cancelled_on
FROM (
    SELECT p.*, (DATE '2019-01-01' + pick(3650, p.id, 0, 'health__practising_physician.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(p.id, 0, 'health__practising_physician.cancelled') < 0.08 THEN on_day + 200 + pick(1500, p.id, 0, 'health__practising_physician.days')::INTEGER END AS cancelled
    FROM person p
    WHERE u(p.id, 0, 'health__practising_physician') < 0.018
)
WHERE on_day <= last_day_lived()

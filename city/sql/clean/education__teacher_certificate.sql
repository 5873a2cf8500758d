-- One row per certificate.
SELECT NULL::BIGINT AS _firm, known(on_day) AS _known_on, resident_id, name AS person_name,
       CASE substr(resident_id, 17, 1)::BIGINT % 2 WHEN 1 THEN '男' ELSE '女' END AS gender, year(on_day) || '3415' || digits8(id, 359) AS certificate_no,
       one_of(['幼儿园', '小学', '小学', '初级中学', '高级中学', '中等职业学校'], id, 0, 'education__teacher_certificate.level') AS level,
       one_of(['语文', '数学', '英语', '物理', '化学', '音乐', '体育', '信息技术', '思想政治'], id, 0, 'education__teacher_certificate.subject') AS subject,
       '六安市教育局' AS issuer, on_day AS issued_on, (on_day + INTERVAL 5 YEAR)::DATE AS registered_until
FROM (
    SELECT p.*, (DATE '2019-01-01' + pick(3650, p.id, 0, 'education__teacher_certificate.day')::INTEGER)::DATE AS on_day
    FROM person p
    WHERE u(p.id, 0, 'education__teacher_certificate') < 0.045
)
WHERE on_day <= last_day_lived()

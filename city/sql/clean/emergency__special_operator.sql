-- One row per certificate of a person and kind of work.
SELECT NULL::BIGINT AS _firm, known(on_day) AS _known_on, resident_id, name AS person_name,
       CASE k
           WHEN 0 THEN one_of(['低压电工作业', '熔化焊接与热切割作业', '高处安装维护拆除作业'], id, 0, 'emergency__special_operator.kind')
           ELSE one_of(['高压电工作业', '制冷与空调作业', '登高架设作业'], id, 1, 'emergency__special_operator.kind') END AS work_kind,
       'T' || left(division_code, 4) || '00' || year(on_day) || digits8(id * 2 + k, 269) AS certificate_no, on_day AS first_issued_on,
       (on_day + INTERVAL 3 YEAR)::DATE AS review_due_on, (on_day + INTERVAL 6 YEAR)::DATE AS valid_until,
       CASE WHEN on_day < DATE '2020-01-01' AND u(id, k, 'emergency__special_operator.lapsed') < 0.2 THEN '过期' ELSE '有效' END AS status
FROM (
    SELECT p.*, k, (DATE '2019-01-01' + pick(3650, p.id, k, 'emergency__special_operator.day')::INTEGER)::DATE AS on_day
    FROM person p CROSS JOIN range(0, 2) r(k) WHERE u(p.id, k, 'emergency__special_operator') < CASE k WHEN 0 THEN 0.12 ELSE 0.03 END
)
WHERE on_day <= last_day_lived()

-- One row per person insured, again when the insurance stops.
SELECT NULL::BIGINT AS _firm, unnest(versions(on_day, CASE WHEN stopped > on_day THEN stopped END)) AS _known_on, resident_id, name AS person_name,
       CASE substr(resident_id, 17, 1)::BIGINT % 2 WHEN 1 THEN '男' ELSE '女' END AS gender,
       CASE WHEN u(id, 0, 'medical_insurance__insured_person.kind') < 0.34 THEN '职工基本医疗保险' ELSE '城乡居民基本医疗保险' END AS insurance_kind,
       CASE WHEN u(id, 0, 'medical_insurance__insured_person.kind') < 0.34 THEN CASE WHEN birthday < DATE '1963-06-01' THEN '退休' ELSE '在职' END
           ELSE '普通居民' END AS person_kind,
       division_code, on_day AS enrolled_on, told(CASE WHEN stopped > on_day THEN stopped END, _known_on) AS stopped_on,
       CASE WHEN stopped_on IS NULL THEN '正常参保' ELSE '暂停参保' END AS status
FROM (
    SELECT p.*, (DATE '2018-01-01' + pick(3650, p.id, 0, 'medical_insurance__insured_person.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(p.id, 0, 'medical_insurance__insured_person.stops') < 0.07 THEN (DATE '2023-01-01' + pick(1300, p.id, 0, 'medical_insurance__insured_person.stopped')::INTEGER)::DATE END AS stopped
    FROM person p WHERE u(p.id, 0, 'medical_insurance__insured_person') < 0.97
)
WHERE on_day <= last_day_lived()

-- One row per person who lives away from home, again on leaving.
SELECT NULL::BIGINT AS _firm, unnest(versions(registered, left_day)) AS _known_on, 'JZ3415' || lpad(id::VARCHAR, 9, '0') AS registration_no,
       resident_id, name AS person_name, division_code AS origin_code,
       one_of((SELECT list(code ORDER BY code) FROM county), id, 0, 'residence_permit.county') AS division_code,
       one_of(['务工', '务工', '务工', '务工', '务工', '务工', '经商', '经商', '就学', '投靠亲友', '其他'], id, 0, 'residence_permit.reason') AS reason,
       registered AS registered_on, told(left_day, _known_on) AS left_on
FROM (
    SELECT *, (DATE '2022-01-10' + pick(1700, id, 0, 'residence_permit.day')::INTEGER)::DATE AS registered,
           CASE WHEN u(id, 0, 'residence_permit.left') < 0.4 THEN (registered + 90 + pick(700, id, 0, 'residence_permit.until')::INTEGER)::DATE END AS left_day
    FROM person WHERE id > 3 * firms() AND u(id, 0, 'residence_permit') < 0.15
)

-- One row per marriage, again when it is divorced.
SELECT NULL::BIGINT AS _firm, unnest(versions(on_day, divorced)) AS _known_on,
       'J' || division_code || '-' || year(on_day) || '-' || digits8(id, 383) AS certificate_no, resident_id, name AS person_name, spouse AS spouse_name,
       spouse_no AS spouse_id, on_day AS married_on, told(divorced, _known_on) AS divorced_on,
       CASE WHEN told(divorced, _known_on) IS NULL THEN '已婚' ELSE '离异' END AS status, county_name || '民政局婚姻登记处' AS office
FROM (
    SELECT p.*, s.name AS spouse, s.resident_id AS spouse_no, c.name AS county_name, (DATE '2014-01-01' + pick(5475, p.id, 0, 'civil_affairs__marriage_registration.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(p.id, 0, 'civil_affairs__marriage_registration.divorced') < 0.12 THEN on_day + 300 + pick(1800, p.id, 0, 'civil_affairs__marriage_registration.days')::INTEGER END AS divorced
    FROM person p JOIN person s ON s.id = p.id + 1 JOIN county c ON c.code = p.division_code
    WHERE p.id % 2 = 1 AND u(p.id, 0, 'civil_affairs__marriage_registration') < 0.45
)
WHERE on_day <= last_day_lived()

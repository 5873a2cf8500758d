-- One row per person cremated: of those who live in no firm's lines.
SELECT NULL::BIGINT AS _firm, known(on_day) AS _known_on, 'HH' || year(on_day) || digits8(id, 389) AS certificate_no, resident_id, name AS person_name,
       division_code, on_day - 3 AS died_on, one_of(['疾病', '疾病', '疾病', '自然衰老', '意外'], id, 0, 'civil_affairs__cremation.cause') AS cause,
       on_day AS cremated_on
FROM (
    SELECT p.*, (DATE '2019-01-01' + pick(3650, p.id, 0, 'civil_affairs__cremation.day')::INTEGER)::DATE AS on_day
    FROM person p
    WHERE p.id > 3 * firms() AND u(p.id, 0, 'civil_affairs__cremation') < 0.02
)
WHERE on_day <= last_day_lived()

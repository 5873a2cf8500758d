-- One row per person and year of support, again when it ends early.
SELECT NULL::BIGINT AS _firm, unnest(versions(on_day, ended_early)) AS _known_on, resident_id, name AS person_name, y::BIGINT AS support_year,
       division_code, CASE WHEN u(id, 0, 'civil_affairs__living_allowance.kind') < 0.2 THEN '城市低保' ELSE '农村低保' END AS kind,
       one_of(['因病', '因残', '缺劳力', '因学'], id, 0, 'civil_affairs__living_allowance.reason') AS reason,
       yuan(42000 + 1000 * pick(40, id, y, 'civil_affairs__living_allowance.amount')) AS monthly_yuan, told(ended_early, _known_on) AS ended_on
FROM (
    SELECT p.*, y, make_date(y, 1, 5) AS on_day,
           CASE WHEN u(p.id, y, 'civil_affairs__living_allowance.ended') < 0.12 THEN (make_date(y, 4, 1) + pick(200, p.id, y, 'civil_affairs__living_allowance.days')::INTEGER)::DATE END AS ended_early
    FROM person p CROSS JOIN range(2021, 2031) r(y)
    WHERE make_date(y, 1, 5) <= last_day_lived() AND u(p.id, 0, 'civil_affairs__living_allowance') < 0.025
      AND u(p.id, y, 'civil_affairs__living_allowance.again') < 0.85
)

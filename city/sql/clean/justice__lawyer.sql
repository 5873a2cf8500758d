-- One row per lawyer, again when the licence is handed in.
SELECT NULL::BIGINT AS _firm, unnest(versions(on_day, stopped)) AS _known_on, resident_id, name AS person_name,
       '13415' || year(on_day) || digits8(id, 421) AS licence_no,
       one_of(['专职', '专职', '专职', '专职', '兼职', '公职', '公司'], id, 0, 'justice__lawyer.kind') AS kind,
       '安徽' || one_of(['皖信', '淠河', '明理', '同衡', '正言', '博约', '守诚', '大别山'], id, 0, 'justice__lawyer.name') || '律师事务所' AS office_name, on_day AS issued_on,
       told(stopped, _known_on) AS stopped_on
FROM (
    SELECT p.*, (DATE '2019-01-01' + pick(3650, p.id, 0, 'justice__lawyer.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(p.id, 0, 'justice__lawyer.stopped') < 0.08 THEN on_day + 400 + pick(1500, p.id, 0, 'justice__lawyer.days')::INTEGER END AS stopped
    FROM person p
    WHERE p.id > 3 * firms() AND u(p.id, 0, 'justice__lawyer') < 0.02
)
WHERE on_day <= last_day_lived()

-- One row per person under correction, again when it ends.
SELECT NULL::BIGINT AS _firm, unnest(versions(on_day, over)) AS _known_on, resident_id, name AS person_name,
       one_of(['缓刑', '缓刑', '缓刑', '缓刑', '假释', '管制', '暂予监外执行'], id, 0, 'justice__community_correction.kind') AS kind, division_code,
       division_code || '司法所' AS office, on_day AS begun_on, told(over, _known_on) AS ended_on
FROM (
    SELECT p.*, (DATE '2019-01-01' + pick(3650, p.id, 0, 'justice__community_correction.day')::INTEGER)::DATE AS on_day,
           on_day + (180 + 30 * pick(48, p.id, 0, 'justice__community_correction.months'))::INTEGER AS over
    FROM person p
    WHERE p.id > 3 * firms() AND u(p.id, 0, 'justice__community_correction') < 0.012
)
WHERE on_day <= last_day_lived()

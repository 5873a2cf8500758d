-- One row per agency licensed, again when the licence is cancelled.
SELECT firm AS _firm, unnest(versions(on_day, cancelled)) AS _known_on, 'L-AH-' || digits8(firm, 337) AS licence_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE WHEN head_changed_on <= on_day THEN successor_name ELSE head_name END AS legal_person,
       CASE WHEN log_size > 1.1 THEN '含出境旅游业务' ELSE '境内旅游业务、入境旅游业务' END AS scope,
       (1 + pick(15, firm, 0, 'culture_tourism__travel_agency_licence.guides'))::BIGINT AS guide_count, address, on_day AS issued_on,
       told(cancelled, _known_on) AS cancelled_on
FROM (
    SELECT w.*, (born + 10 + pick(300, firm, 0, 'culture_tourism__travel_agency_licence.day')::INTEGER)::DATE AS on_day,
           died_on + 10 AS cancelled
    FROM who w
    WHERE w.industry_code = 'L7291'
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived()))

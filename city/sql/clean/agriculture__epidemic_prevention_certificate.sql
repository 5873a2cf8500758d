-- One row per certificate of a farm or slaughterhouse, again when it is cancelled.
SELECT firm AS _firm, unnest(versions(on_day, cancelled)) AS _known_on,
       '（皖）动防合字第' || division_code || digits8(firm, 73) || '号' AS certificate_no, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE WHEN head_changed_on <= on_day THEN successor_name ELSE head_name END AS legal_person,
       CASE industry_code WHEN 'A0313' THEN '动物饲养场' ELSE '动物屠宰加工场所' END AS site_kind, '猪' AS species,
       (50 * (2 + pick(60, firm, 0, 'agriculture__epidemic_prevention_certificate.capacity')))::BIGINT AS capacity, address, on_day AS issued_on,
       told(cancelled, _known_on) AS cancelled_on
FROM (
    SELECT w.*, (born + 10 + pick(300, firm, 0, 'agriculture__epidemic_prevention_certificate.day')::INTEGER)::DATE AS on_day,
           died_on + 20 AS cancelled
    FROM who w
    WHERE w.industry_code IN ('A0313', 'C1353') AND u(w.firm, 0, 'agriculture__epidemic_prevention_certificate') < 0.8
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived()))

-- One row per firm that bears the title, again when it is taken off the list.
SELECT firm AS _firm, unnest(versions(on_day, removed)) AS _known_on, 'AHLZH' || digits8(firm, 193) AS certificate_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name, trade AS brand,
       CASE WHEN u(firm, 0, 'commerce__time_honoured_brand.level') < 0.03 THEN '中华老字号'
           WHEN u(firm, 0, 'commerce__time_honoured_brand.level') < 0.35 THEN '省级老字号'
           ELSE '市级老字号' END AS level,
       (1880 + pick(110, firm, 0, 'commerce__time_honoured_brand.founded'))::BIGINT AS founded_year, on_day AS named_on,
       told(removed, _known_on) AS removed_on
FROM (
    SELECT *, DATE '2019-03-01' + pick(3650, firm, 0, 'commerce__time_honoured_brand.day')::INTEGER AS on_day,
           CASE WHEN died_on IS NOT NULL THEN died_on + 60 END AS removed
    FROM who
    WHERE section IN ('C', 'F', 'H') AND born < DATE '2012-01-01' AND u(firm, 0, 'commerce__time_honoured_brand') < 0.06 * exp(0.4 * mu)
)
WHERE on_day < least(last_day_lived(), coalesce(died_on, last_day_lived()))

-- The divisions (六安市, 金安区, and 六安) that names in the reference begin with: one row per spelling, longest first.
-- From reference_name; a spelling must open at least two names and 1 name in 2,000. A few dozen rows for a city.
WITH opening AS (
    SELECT regexp_extract(name_kept(name_fold(firm_name)), '^(\p{Han}{2,3}?[省市区县])(\p{Han}{2,3}?[省市区县])?', ['first', 'second']) AS found
    FROM reference_name
),
spelling AS (
    SELECT found.first AS token FROM opening
    UNION ALL
    SELECT found.second FROM opening
),
frequent AS (
    SELECT token
    FROM spelling
    WHERE token <> '' AND NOT regexp_matches(token, '(超|夜|菜|花|鸟|门|城|都)市$|(小|园|社|开发|景|校|片|新)区$')
    GROUP BY token
    HAVING count(*) >= greatest(2, (SELECT count(*) FROM reference_name) / 2000)
)
SELECT token
FROM (
    SELECT token FROM frequent
    UNION
    SELECT left(token, len(token) - 1) FROM frequent WHERE len(token) >= 3
)
ORDER BY len(token) DESC, token

-- The city at a glance: one row per county, industry section and grade with at least ten firms; a county's smaller sections of a grade are one row
-- without a section, when they have ten together; what is left is one row without a county. From entity.firm and refresh.scored at as_of (?1).
WITH scored AS (
    SELECT CASE WHEN regexp_full_match(e.division_code, '[0-9]{6}') AND regexp_matches(e.industry_code, '^[A-T]') THEN e.division_code END AS division,
           left(e.industry_code, 1) AS section,
           s.grade
    FROM refresh.scored s
    JOIN entity.firm e USING (firm_id)
    WHERE s.as_of = CAST(?1 AS DATE) AND s.grade IS NOT NULL
),
fine AS (
    SELECT division, section, grade, count(*) AS firms FROM scored GROUP BY ALL
),
coarse AS (
    SELECT division, CASE WHEN firms >= 10 THEN section ELSE '' END AS section, grade, sum(firms) AS firms FROM fine GROUP BY ALL
)
SELECT CASE WHEN shown THEN division END AS division, CASE WHEN shown THEN section END AS section, CASE WHEN shown THEN grade END AS grade, CAST(sum(firms) AS BIGINT) AS firms
FROM (SELECT *, division IS NOT NULL AND firms >= 10 AS shown FROM coarse)
GROUP BY ALL
ORDER BY division, section, grade

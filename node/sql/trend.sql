-- The serving snapshot's trends: one row per firm and observation date on which it had a score, six dates at most, oldest first.
SELECT s.firm_id, s.as_of, s.score
FROM refresh.scored s
JOIN refresh.spine p USING (firm_id, as_of)
WHERE s.score IS NOT NULL AND p.purpose = 'trend'
ORDER BY s.firm_id, s.as_of

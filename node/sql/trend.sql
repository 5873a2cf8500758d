-- The serving snapshot's trends: one row per firm and observation date on which it had a score, six dates at most, oldest first.
SELECT firm_id, as_of, score FROM refresh.trend WHERE score IS NOT NULL ORDER BY firm_id, as_of

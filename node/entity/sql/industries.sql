-- The words that names of the reference end with before their form: one row per word of two to four characters that follows at least 15 different
-- characters and ends at least 30 names and one name in 2,000. From first_spelling. Some hundreds of rows for a city.
WITH core AS (
    SELECT DISTINCT core FROM first_spelling WHERE len(core) BETWEEN 4 AND 12
),
tail AS (
    SELECT right(core, size) AS word, substr(core, len(core) - size, 1) AS before
    FROM (SELECT core, unnest([2, 3, 4]) AS size FROM core)
    WHERE len(core) >= size + 2
),
counted AS (
    SELECT word, count(*) AS names, count(DISTINCT before) AS befores FROM tail GROUP BY word
)
SELECT c.word
FROM counted c
LEFT JOIN counted inner_word ON len(c.word) > 2 AND inner_word.word = substr(c.word, 2)
WHERE c.befores >= 15 AND c.names >= greatest(30, (SELECT count(*) FROM core) / 2000)
  AND (inner_word.word IS NULL OR c.names >= inner_word.names / 8)
ORDER BY len(c.word) DESC, c.word

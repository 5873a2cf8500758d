-- The serving snapshot's residents, as public security knew them on as_of (?1): one row per resident.
SELECT resident_id, max_by(person_name, _known_on) AS person_name
FROM landed.public_security__resident
WHERE _known_on <= CAST(?1 AS DATE) AND (_superseded_on IS NULL OR _superseded_on > CAST(?1 AS DATE))
GROUP BY resident_id
ORDER BY resident_id

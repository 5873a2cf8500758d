-- One row per publication as a dishonest judgment debtor, again when it is withdrawn.
SELECT x.firm AS _firm, unnest(versions(published_on, removed)) AS _known_on, case_no, usci, name_on(published_on, renamed_on, old_name, name) AS firm_name,
       CASE WHEN head_changed_on <= published_on THEN successor_name ELSE head_name END AS legal_person, published_on, told(removed, _known_on) AS removed_on
FROM (SELECT * EXCLUDE (removed_on), removed_on AS removed FROM execution WHERE published_on <= last_day_lived()) x JOIN who w USING (firm)

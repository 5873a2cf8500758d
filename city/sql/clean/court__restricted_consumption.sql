-- One row per order that bars a firm and its head from luxuries, again when it is lifted.
SELECT x.firm AS _firm, unnest(versions(issued_on, lifted)) AS _known_on, case_no, name_on(issued_on, renamed_on, old_name, name) AS firm_name, usci,
       CASE WHEN head_changed_on <= issued_on THEN successor_name ELSE head_name END AS person_name, issued_on, told(lifted, _known_on) AS lifted_on
FROM (SELECT *, restricted_on AS issued_on, CASE WHEN removed_on > restricted_on THEN removed_on END AS lifted FROM execution WHERE restricted_on <= last_day_lived()) x JOIN who w USING (firm)

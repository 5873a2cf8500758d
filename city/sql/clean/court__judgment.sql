-- One row per judgment and party of this city.
SELECT l.firm AS _firm, known(judged_on) AS _known_on, case_no, usci, name_on(judged_on, renamed_on, old_name, name) AS firm_name, role, cause, yuan(amount_fen) AS amount_yuan, judged_on
FROM lawsuit l JOIN who w USING (firm)

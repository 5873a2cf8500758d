-- One row per enforcement filed, again when it is closed.
SELECT x.firm AS _firm, unnest(versions(filed_on, x.closed_on)) AS _known_on, case_no, usci, name_on(filed_on, renamed_on, old_name, name) AS firm_name, yuan(amount_fen) AS amount_yuan, filed_on,
       told(x.closed_on, _known_on) AS closed_on
FROM execution x JOIN who w USING (firm)

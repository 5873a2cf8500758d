-- One row per pledge of patents behind a loan to a firm that has some, again when it is cancelled.
SELECT firm AS _firm, unnest(versions(registered, cancelled)) AS _known_on, usci, name_on(registered, renamed_on, old_name, name) AS firm_name,
       'Y' || year(registered) || '98' || lpad(loan::VARCHAR, 7, '0') AS registration_no, bank_name AS pledgee,
       1 + pick(6, firm, loan, 'patent_pledge.patents') AS patents, yuan(amount_fen) AS secured_yuan,
       yuan(amount_fen * (120 + pick(200, firm, loan, 'patent_pledge.value')) // 100 // 1000000 * 1000000) AS valuation_yuan,
       registered AS registered_on, told(cancelled, _known_on) AS cancelled_on
FROM (
    SELECT l.* EXCLUDE (firm), w.*, lent_on - 4 AS registered,
           CASE WHEN missed_on IS NULL OR cured_days IS NOT NULL THEN (due_on + 8 + pick(40, w.firm, loan, 'patent_pledge.cancelled')::INTEGER)::DATE END AS cancelled
    FROM lending l JOIN who w ON w.firm = l.firm
    WHERE w.section IN ('C', 'I', 'M') AND u(w.firm, loan, 'patent_pledge') < 0.25 AND EXISTS (FROM event e WHERE e.firm = w.firm AND e.event = 'patent' AND e.happened_on < l.lent_on)
)

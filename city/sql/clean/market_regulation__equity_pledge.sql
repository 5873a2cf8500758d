-- One row per pledge of shares behind a loan, again when it is cancelled.
SELECT firm AS _firm, unnest(versions(pledged, cancelled)) AS _known_on, usci, name_on(pledged, renamed_on, old_name, name) AS firm_name,
       division_code || strftime(pledged, '%Y') || lpad(loan::VARCHAR, 8, '0') AS registration_no, head_name AS pledgor, bank_name AS pledgee,
       (capital_wan * (30 + pick(70, firm, loan, 'equity_pledge.part')) / 100.0)::DECIMAL(18, 4) AS amount_wan, yuan(amount_fen) AS secured_yuan,
       pledged AS pledged_on, CASE WHEN told(cancelled, _known_on) IS NOT NULL THEN '注销' ELSE '有效' END AS state,
       told(cancelled, _known_on) AS cancelled_on
FROM (
    SELECT l.* EXCLUDE (firm), w.*, lent_on - 5 AS pledged,
           CASE WHEN missed_on IS NULL OR cured_days IS NOT NULL THEN (due_on + 10 + pick(50, w.firm, loan, 'equity_pledge.cancelled')::INTEGER)::DATE END AS cancelled
    FROM lending l JOIN who w ON w.firm = l.firm WHERE w.kind = 'enterprise' AND u(w.firm, loan, 'equity_pledge') < 0.06
)

-- One row per use of the fund to bridge two loans, again when it is paid back, mostly within two weeks.
SELECT firm AS _firm, unnest(versions(used, repaid)) AS _known_on, usci, name_on(used, renamed_on, old_name, name) AS firm_name,
       'ZD' || year(used) || lpad(loan::VARCHAR, 8, '0') AS use_no, bank_name, yuan(amount_fen) AS amount_yuan, used AS lent_on,
       CASE WHEN told(repaid, _known_on) IS NOT NULL THEN date_diff('day', used, repaid) END AS days_used,
       CASE WHEN told(repaid, _known_on) IS NOT NULL THEN yuan(round(amount_fen * 0.0002 * date_diff('day', used, repaid))::BIGINT) END AS fee_yuan,
       told(repaid, _known_on) AS repaid_on
FROM (
    SELECT l.* EXCLUDE (firm), w.*, due_on - 3 AS used, (due_on + CASE WHEN u(w.firm, loan, 'transition_fund.late') < 0.04 THEN 40 + pick(80, w.firm, loan, 'transition_fund.days') ELSE 2 + pick(12, w.firm, loan, 'transition_fund.days') END::INTEGER)::DATE AS repaid
    FROM lending l JOIN who w ON w.firm = l.firm WHERE w.kind = 'enterprise' AND missed_on IS NULL AND u(w.firm, loan, 'transition_fund') < 0.14
)
WHERE used <= last_day_lived()

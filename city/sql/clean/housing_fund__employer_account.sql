-- One row per employer that pays into the fund, again when its account is closed: the same employers that contribute every month.
SELECT firm AS _firm, unnest(versions(issued_on, died_on)) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       '3415' || digits8(firm, 60478246) AS account_no, issued_on AS opened_on, (5 + pick(8, firm, 0, 'employer_account.rate'))::DOUBLE AS rate_pct,
       (5 + pick(21, firm, k, 'employer_account.pay_day')) AS pay_day, phone AS contact_phone, division_code,
       CASE WHEN told(died_on, _known_on) IS NOT NULL THEN '销户' ELSE '正常' END AS state, told(died_on, _known_on) AS closed_on
FROM (
    SELECT w.*, 0 AS k, (born + 60 + pick(180, w.firm, 0, 'employer_account.day')::INTEGER)::DATE AS issued_on
    FROM who w
    WHERE w.kind = 'enterprise'
      AND u(w.firm, 0, 'fund') < 0.42
      AND u(w.firm, 0, 'employer_account') < 1
)
WHERE issued_on BETWEEN DATE '2003-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

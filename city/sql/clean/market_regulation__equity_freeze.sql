-- One row per order that freezes shares after an enforcement was filed, again when it is lifted.
SELECT firm AS _firm, unnest(versions(frozen, lifted)) AS _known_on, usci, name_on(frozen, renamed_on, old_name, name) AS firm_name,
       case_no || '之' || (1 + pick(3, firm, lawsuit, 'equity_freeze.no')) AS notice_no, head_name AS debtor,
       (capital_wan * (20 + pick(80, firm, lawsuit, 'equity_freeze.part')) / 100.0)::DECIMAL(18, 4) AS amount_wan,
       county_name || '人民法院' AS court_name, frozen AS frozen_on, (frozen + INTERVAL 3 YEAR)::DATE AS frozen_until,
       told(lifted, _known_on) AS lifted_on
FROM (
    SELECT e.* EXCLUDE (firm), w.*, (filed_on + 10 + pick(40, w.firm, lawsuit, 'equity_freeze.day')::INTEGER)::DATE AS frozen,
           CASE WHEN e.closed_on > filed_on + 60 THEN e.closed_on + 7 END AS lifted
    FROM execution e JOIN who w ON w.firm = e.firm WHERE w.kind = 'enterprise' AND u(w.firm, lawsuit, 'equity_freeze') < 0.30
)

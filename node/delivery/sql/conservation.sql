-- One row per delivery ever taken: what the ledger says became of its rows, and how many rows the quarantine keeps and explains.
SELECT d.delivery, d.received, d.landed, d.quarantined, d.duplicates, d.ended_quarantined, coalesce(q.kept, 0), coalesce(f.explained, 0)
FROM ledger.delivery AS d
LEFT JOIN (SELECT delivery_no, count(DISTINCT row) AS kept FROM ledger.quarantine GROUP BY delivery_no) AS q USING (delivery_no)
LEFT JOIN (SELECT delivery_no, count(DISTINCT row) AS explained FROM ledger.fault GROUP BY delivery_no) AS f USING (delivery_no)
ORDER BY d.delivery_no

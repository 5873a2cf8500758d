-- One row per firm that is registered as closed and that has a payment of tax on record, with the period 'closed'.
-- From entity.firm (the register) and linked.tax__tax_payment, current rows. They disagree when a period begins more than three months after the closing.
SELECT f.firm_id, 'closed' AS period, max(r.period) > max(f.closed_on) + INTERVAL 3 MONTH AS disagrees
FROM entity.firm AS f JOIN linked.tax__tax_payment AS r USING (firm_id)
WHERE f.closed_on IS NOT NULL AND r._superseded_on IS NULL AND r.paid_yuan > 0
GROUP BY f.firm_id

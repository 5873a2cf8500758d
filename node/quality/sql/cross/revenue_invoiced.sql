-- One row per firm and calendar year for which returns of value-added tax and valid sales invoices of at least six months each are there.
-- From linked.tax__tax_return and linked.tax__sales_invoice, current rows. They disagree when the declared revenue is below four fifths of the
-- invoiced net amount and the gap exceeds 10,000 yuan: a firm may sell without an invoice, but not invoice what it does not declare.
WITH declared AS (
    SELECT firm_id, year(period)::VARCHAR AS period, sum(yuan) AS yuan, count(*) AS months
    FROM (SELECT firm_id, period, max(declared_revenue_yuan) AS yuan FROM linked.tax__tax_return
          WHERE tax_kind = '增值税' AND _superseded_on IS NULL GROUP BY firm_id, period)
    GROUP BY ALL
), invoiced AS (
    SELECT firm_id, year(issued_on)::VARCHAR AS period, sum(amount_yuan) AS yuan, count(DISTINCT month(issued_on)) AS months
    FROM linked.tax__sales_invoice
    WHERE _superseded_on IS NULL AND (state IS NULL OR state NOT LIKE '%作废%')
    GROUP BY ALL
)
SELECT firm_id, period, d.yuan < 0.8 * i.yuan AND i.yuan - d.yuan > 10000 AS disagrees
FROM declared AS d JOIN invoiced AS i USING (firm_id, period)
WHERE i.months >= 6 AND (d.months >= 12 OR d.months = 4)

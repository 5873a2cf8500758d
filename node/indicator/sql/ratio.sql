-- Figures made of figures of several groups.
-- One row per spine row. From the groups computed before: invoice_sales, invoice_purchases, tax, loan.
-- Debt is measured against invoiced sales, or declared revenue where a firm has no invoices; without sales there is no ratio. A firm with debt
-- and next to no sales is bounded at 100.
SELECT s.firm_id,
       s.as_of,
       CASE WHEN coalesce(i.sales_12m, t.declared_revenue_12m) > 0
            THEN least(l.loan_balance / coalesce(i.sales_12m, t.declared_revenue_12m), 100) END AS debt_to_sales,
       CASE WHEN i.sales_12m > 0 AND p.purchases_12m IS NOT NULL
            THEN greatest((i.sales_12m - p.purchases_12m) / i.sales_12m, -10) END              AS sales_margin_12m
FROM spine s
LEFT JOIN invoice_sales i     ON i.firm_id = s.firm_id AND i.as_of = s.as_of
LEFT JOIN invoice_purchases p ON p.firm_id = s.firm_id AND p.as_of = s.as_of
LEFT JOIN tax t               ON t.firm_id = s.firm_id AND t.as_of = s.as_of
LEFT JOIN loan l              ON l.firm_id = s.firm_id AND l.as_of = s.as_of

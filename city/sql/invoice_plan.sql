-- How many invoices each firm issues and receives in a month when the volume is natural.
CREATE TABLE invoice_plan AS
SELECT m.firm, m.t, m.month, m.kind, m.h, m.sales_fen, m.purchase_fen, general_taxpayer, m.section, w.city_share,
       CASE WHEN m.sales_fen > 0 THEN greatest(0.7, m.invoices * CASE m.kind WHEN 'enterprise' THEN 2.8 ELSE 0.8 END * exp(0.25 * w.log_size) * power(m.sales_fen / m.base_sales, 0.4)) ELSE 0 END AS issued,
       CASE WHEN m.purchase_fen > 0 THEN m.invoices * CASE m.kind WHEN 'enterprise' THEN 1.6 ELSE 0.45 END * exp(0.2 * w.log_size) ELSE 0 END AS received,
       greatest(0.2, 1 - coalesce(inside_fen, 0) / greatest(1, m.purchase_fen)) AS outside_share
FROM firm_month m JOIN who w USING (firm) LEFT JOIN planned p ON p.firm = m.firm AND p.t = m.t;

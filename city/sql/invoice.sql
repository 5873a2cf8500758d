-- The invoices of some quarters. Given: the first and the last of them in the variables first_quarter and last_quarter, invoice_scale().
-- Made: sale, purchase.

-- One row per invoice that a firm of the city issued: to a customer in the city (buyer), elsewhere (outside), or to a person (neither).
CREATE OR REPLACE TEMP TABLE sale AS
WITH counted AS (
    SELECT p.*, whole(issued * invoice_scale() * exp(0.25 * z(firm, t, 'issued')), firm, t, 'issued.n') AS n, coalesce(c.buyers, []) AS buyers
    FROM invoice_plan p
    LEFT JOIN (SELECT seller, list(buyer ORDER BY share DESC, buyer) AS buyers FROM customer GROUP BY seller) c ON c.seller = p.firm
    WHERE t // 3 BETWEEN getvariable('first_quarter') AND getvariable('last_quarter')
), issued AS (
    SELECT *, unnest(range(greatest(n, CASE WHEN sales_fen > 0 AND kind = 'enterprise' THEN 1 ELSE 0 END))) AS k, t * 100000 + k AS line FROM counted
), valued AS (
    SELECT firm AS seller, t, k, h, section, kind, line, general_taxpayer,
           (month + pick(day(last_day(month)), firm, line, 'sale.day')::INTEGER)::DATE AS issued_on,
           CASE WHEN len(buyers) > 0 AND u(firm, line, 'sale.city') < city_share THEN buyers[1 + (len(buyers) * power(u(firm, line, 'sale.to'), 1.8))::INTEGER % len(buyers)] END AS buyer,
           -- A firm has a few dozen customers elsewhere; the weak cling to fewer.
           floor((5 + pick(30, firm, 0, 'customers')) * power(u(firm, line, 'sale.who'), 1.7 - 0.25 * greatest(-2, least(2, h))))::BIGINT AS who_no,
           u(firm, line, 'sale.person') < CASE WHEN section IN ('H', 'O') THEN 0.45 WHEN kind = 'individual' THEN 0.25 ELSE 0.04 END AS to_person,
           greatest(1000, round(sales_fen / greatest(n, 1) * exp(0.55 * z(firm, line, 'sale.amount') - 0.15)))::BIGINT
               * CASE WHEN u(firm, line, 'sale.red') < least(0.15, 0.012 * exp(-0.55 * h)) THEN -1 ELSE 1 END AS amount_fen,
           CASE WHEN u(firm, line, 'sale.void') < least(0.3, 0.028 * exp(-0.5 * h)) THEN '作废发票' ELSE '有效发票' END AS state
    FROM issued
)
SELECT seller, t, line, issued_on, buyer, CASE WHEN buyer IS NULL AND NOT to_person THEN 1 + pick(3 * firms() + 199, seller, who_no, 'sale.outside') END AS outside, amount_fen,
       round(amount_fen * CASE WHEN NOT general_taxpayer THEN 0.01 WHEN section IN ('C', 'F') THEN 0.13 WHEN section IN ('A', 'E', 'G') THEN 0.09 ELSE 0.06 END)::BIGINT AS tax_fen, state,
       strftime(issued_on, '%y') || '342' || digits8(seller, 31415926) || lpad(line::VARCHAR, 7, '0') AS invoice_no
FROM valued;

-- One row per invoice received from elsewhere.
CREATE OR REPLACE TEMP TABLE purchase AS
WITH counted AS (
    SELECT *, whole(received * outside_share * invoice_scale() * exp(0.25 * z(firm, t, 'received')), firm, t, 'received.n') AS n
    FROM invoice_plan WHERE t // 3 BETWEEN getvariable('first_quarter') AND getvariable('last_quarter') AND purchase_fen > 0
), received AS (
    SELECT *, unnest(range(greatest(n, CASE kind WHEN 'enterprise' THEN 1 ELSE 0 END))) AS k, t * 100000 + k AS line FROM counted
), valued AS (
    SELECT firm AS buyer, line, t, k, (month + pick(day(last_day(month)), firm, line, 'purchase.day')::INTEGER)::DATE AS issued_on, section,
           1 + pick(3 * firms() + 199, firm, floor((4 + pick(20, firm, 0, 'suppliers')) * power(u(firm, line, 'purchase.who'), 1.6))::BIGINT, 'purchase.outside') AS outside,
           greatest(1000, round(purchase_fen * outside_share / greatest(n, 1) * exp(0.55 * z(firm, line, 'purchase.amount') - 0.15)))::BIGINT
               * CASE WHEN u(firm, line, 'purchase.red') < 0.008 THEN -1 ELSE 1 END AS amount_fen,
           CASE WHEN u(firm, line, 'purchase.void') < 0.012 THEN '作废发票' ELSE '有效发票' END AS state
    FROM received
)
SELECT buyer, t, line, issued_on, outside, amount_fen,
       round(amount_fen * CASE WHEN section IN ('C', 'F') THEN 0.13 WHEN section IN ('A', 'E', 'G') THEN 0.09 ELSE 0.06 END)::BIGINT AS tax_fen, state,
       strftime(issued_on, '%y') || one_of(['34', '32', '33', '31', '44'], buyer, line, 'purchase.region') || '1' || digits8(buyer, 27182818) || lpad(line::VARCHAR, 7, '0') AS invoice_no
FROM valued;

-- What offices keep about firms, in the form several catalogues are written from. Made: report, declaration, lending, outside, planned.

-- One row per enterprise and year it has to report on: filed in time, late, or never (filed_on empty).
CREATE TABLE report AS
WITH due AS (
    SELECT w.*, y AS report_year, h.h, h.strength, coalesce(m.headcount, greatest(1, round(w.base_sales / 1000000 * w.people_per_wan * exp(0.38 * h.strength))))::BIGINT AS employees,
           coalesce(sold.revenue, round(w.base_sales * 12 * exp(0.5 * h.strength) * least(1, greatest(0.2, date_diff('month', born, make_date(y + 1, 1, 1)) / 12.0))))::BIGINT AS revenue_fen,
           u(w.firm, y, 'report.late') < logistic(-3.3 - 1.05 * h.h) AS late
    FROM who w CROSS JOIN range(2020, 2026) t(y)
    JOIN health h ON h.firm = w.firm AND h.t = (y - 2022) * 12 + 11
    LEFT JOIN firm_month m ON m.firm = w.firm AND m.t = h.t
    LEFT JOIN (SELECT firm, year(month) AS year, sum(sales_fen)::BIGINT AS revenue FROM firm_month GROUP BY ALL) sold ON sold.firm = w.firm AND sold.year = y
    WHERE w.kind = 'enterprise' AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 7, 20))
)
SELECT *, CASE WHEN NOT late THEN make_date(report_year + 1, 1, 5) + pick(175, firm, report_year, 'filed')::INTEGER
               WHEN u(firm, report_year, 'filed.ever') < logistic(0.7 + 0.7 * h) THEN make_date(report_year + 1, 8, 1) + pick(330, firm, report_year, 'filed.late')::INTEGER
          END::DATE AS filed_on
FROM due;

-- One row per taxpayer, period and tax. paid_on is empty when nothing was due or it stays unpaid.
CREATE TABLE declaration AS
WITH told AS (
    SELECT m.firm, m.kind, general_taxpayer, m.t, m.month, m.h, m.margin,
           round(sales_fen * (0.97 + 0.02 * m.h * (m.h < 0)::INTEGER + 0.03 * z(m.firm, m.t, 'declared')))::BIGINT AS declared_fen
    FROM firm_month m JOIN who w USING (firm)
    WHERE m.kind = 'enterprise' OR u(m.firm, 0, 'declares') < 0.7
), quarterly AS (
    SELECT firm, kind, general_taxpayer, t // 3 AS q, min(month) AS period, max(month) AS last_month, sum(declared_fen)::BIGINT AS declared_fen, min_by(h, t) AS h, any_value(margin) AS margin
    FROM told GROUP BY ALL HAVING count(*) > 0
), due AS (
    SELECT firm, month AS period, month AS last_month, '增值税' AS tax_kind, declared_fen, round(declared_fen * 0.13 * margin * 0.9)::BIGINT AS due_fen, h, t FROM told WHERE general_taxpayer
    UNION ALL
    SELECT firm, period, last_month, '增值税', declared_fen, CASE WHEN kind = 'individual' AND declared_fen < 9000000 THEN 0 ELSE round(declared_fen * 0.01)::BIGINT END, h, q FROM quarterly WHERE NOT general_taxpayer
    UNION ALL
    SELECT firm, period, last_month, '企业所得税', declared_fen,
           greatest(0, round(declared_fen * (0.03 + 0.25 * (margin - 0.15) + 0.03 * h + 0.02 * z(firm, q, 'profit.tax')) * 0.05))::BIGINT, h, q
    FROM quarterly WHERE kind = 'enterprise'
), dated AS (
    SELECT *, (last_month + INTERVAL 1 MONTH)::DATE AS next_month, u(firm, t, tax_kind) AS draw FROM due
)
SELECT firm, period, tax_kind, declared_fen, due_fen, (next_month + 1 + pick(8, firm, t, 'declared.day')::INTEGER)::DATE AS declared_on,
       CASE WHEN due_fen = 0 OR draw < 0.25 * logistic(-3.4 - 1.4 * h) THEN NULL
            WHEN draw < logistic(-3.4 - 1.4 * h) THEN next_month + 20 + pick(100, firm, t, 'paid.late')::INTEGER
            ELSE next_month + 1 + pick(9, firm, t, 'paid.day')::INTEGER END::DATE AS paid_on
FROM dated
-- Those who sell nothing mostly declare nothing as well.
WHERE declared_fen > 0 OR u(firm, t, 'nil') < 0.7;

-- One row per loan as the bank writes it down.
CREATE TABLE lending AS
SELECT l.*, 'JJ' || strftime(lent_on, '%Y%m') || lpad(loan::VARCHAR, 6, '0') AS loan_no,
       CASE WHEN b.name IN ('农村商业银行', '村镇银行') THEN left(w.city_name, 2) || b.name ELSE b.name || left(w.city_name, 2) || '分行' END AS bank_name,
       rate_base / 20.0 + b.rate_add AS rate_pct,
       one_of(['信用', '信用', '信用', '保证', '抵押', '担保公司保证'], l.firm, l.t, 'guarantee') AS guarantee_kind
FROM loan l JOIN bank_list b USING (bank) JOIN who w USING (firm);

-- One row per trading partner outside the city.
CREATE TABLE outside AS
WITH coded AS (
    SELECT id, '91' || one_of(['340100', '340111', '340300', '340800', '320100', '330100', '310115', '330782', '340122', '341200', '411500', '320500', '440300'], id, 0, 'outside')
               || 'MA' || code6(id + 50000000) AS first16
    FROM range(1, 3 * firms() + 200) t(id)
), checked AS (
    SELECT id, first16 || org_check(substr(first16, 9, 8)) AS first17 FROM coded
)
SELECT id AS outside, first17 || usci_check(first17) AS usci FROM checked;

-- One row per firm and month: what it will buy from suppliers in the city, by their sales.
CREATE TABLE planned AS
SELECT buyer AS firm, t, sum(round(sales_fen * city_share * share / 1000)::BIGINT)::BIGINT AS inside_fen
FROM firm_month JOIN customer ON seller = firm GROUP BY ALL;

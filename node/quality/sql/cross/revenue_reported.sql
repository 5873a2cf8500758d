-- One row per firm and calendar year for which an annual report and returns of value-added tax for the whole year (12 months or 4 quarters) are there.
-- From linked.market_regulation__annual_report and linked.tax__tax_return, current rows. They disagree when one is more than twice the other and
-- the gap exceeds 100,000 yuan.
WITH reported AS (
    SELECT firm_id, report_year::VARCHAR AS period, max(revenue_wan) * 10000 AS yuan
    FROM linked.market_regulation__annual_report
    WHERE _superseded_on IS NULL AND revenue_wan IS NOT NULL
    GROUP BY ALL
), declared AS (
    SELECT firm_id, year(period)::VARCHAR AS period, sum(yuan) AS yuan, count(*) AS months
    FROM (SELECT firm_id, period, max(declared_revenue_yuan) AS yuan FROM linked.tax__tax_return
          WHERE tax_kind = '增值税' AND _superseded_on IS NULL GROUP BY firm_id, period)
    GROUP BY ALL
)
SELECT firm_id, period, greatest(r.yuan, d.yuan) > 2 * least(r.yuan, d.yuan) AND abs(r.yuan - d.yuan) > 100000 AS disagrees
FROM reported AS r JOIN declared AS d USING (firm_id, period)
WHERE d.months >= 12 OR d.months = 4

-- One row per firm and calendar year for which an annual report and at least six months of social insurance are there.
-- From linked.market_regulation__annual_report and linked.human_resources__social_insurance, current rows. They disagree when the reported
-- employees and the mean of the insured differ by more than five and by more than half of the larger.
WITH reported AS (
    SELECT firm_id, report_year::VARCHAR AS period, max(employees) AS people
    FROM linked.market_regulation__annual_report
    WHERE _superseded_on IS NULL AND employees IS NOT NULL
    GROUP BY ALL
), insured AS (
    SELECT firm_id, year(period)::VARCHAR AS period, avg(people) AS people, count(*) AS months
    FROM (SELECT firm_id, period, max(headcount) AS people FROM linked.human_resources__social_insurance WHERE _superseded_on IS NULL GROUP BY firm_id, period)
    GROUP BY ALL
)
SELECT firm_id, period, abs(r.people - i.people) > greatest(5, 0.5 * greatest(r.people, i.people)) AS disagrees
FROM reported AS r JOIN insured AS i USING (firm_id, period)
WHERE i.months >= 6

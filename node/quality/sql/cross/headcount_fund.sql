-- One row per firm and month for which both a contribution to the housing fund and one to social insurance are there.
-- From linked.housing_fund__contribution and linked.human_resources__social_insurance, current rows. They disagree when the fund has more than
-- the insured by over two people and over a fifth: who has the fund is insured, but not the other way round.
WITH fund AS (
    SELECT firm_id, strftime(period, '%Y-%m') AS period, max(headcount) AS people FROM linked.housing_fund__contribution WHERE _superseded_on IS NULL GROUP BY ALL
), insured AS (
    SELECT firm_id, strftime(period, '%Y-%m') AS period, max(headcount) AS people FROM linked.human_resources__social_insurance WHERE _superseded_on IS NULL GROUP BY ALL
)
SELECT firm_id, period, f.people > i.people + 2 AND f.people > 1.2 * i.people AS disagrees
FROM fund AS f JOIN insured AS i USING (firm_id, period)

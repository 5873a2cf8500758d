-- What ends in court. Made: lawsuit, execution. Given: event, loan, who, health.

-- One row per party of this city and case: trade disputes, and banks suing over loans in default.
CREATE TABLE lawsuit AS
WITH raised AS (
    SELECT firm, t, CASE event WHEN 'sued' THEN '被告' ELSE '原告' END AS role, h,
           (happened_on + 45 + pick(120, firm, t, 'judged')::INTEGER)::DATE AS judged_on,
           one_of(['买卖合同纠纷', '买卖合同纠纷', '承揽合同纠纷', '建设工程施工合同纠纷', '加工合同纠纷', '租赁合同纠纷', '民间借贷纠纷', '服务合同纠纷', '运输合同纠纷'], firm, t, 'cause') AS cause,
           greatest(200000, round(sales_fen * (0.2 + 1.2 * u(firm, t, 'claim'))))::BIGINT AS amount_fen, 0 AS loan
    FROM event WHERE event IN ('sued', 'suing')
    UNION ALL
    SELECT l.firm, l.t, '被告', -2.5, (missed_on + 150 + pick(120, l.firm, l.t, 'bank.sues')::INTEGER)::DATE, '金融借款合同纠纷', amount_fen, loan
    FROM loan l
    WHERE missed_on IS NOT NULL AND cured_days IS NULL AND u(l.firm, l.t, 'bank.suing') < 0.88
)
SELECT *, '（' || year(judged_on) || '）' || court || '民初' || (1000 + row_number() OVER (PARTITION BY year(judged_on), court ORDER BY judged_on, firm, role, loan, t)) || '号' AS case_no,
       row_number() OVER (ORDER BY judged_on, firm, role, loan, t) AS lawsuit
FROM (SELECT r.*, '皖' || substr(w.division_code, 3) AS court FROM raised r JOIN who w USING (firm))
WHERE judged_on <= last_day_lived();

-- One row per enforcement: who did not pay what the judgment said. The worst are published as dishonest and barred from luxuries.
CREATE TABLE execution AS
WITH filed AS (
    SELECT lawsuit, firm, court, h, loan, amount_fen, (judged_on + 30 + pick(60, firm, lawsuit, 'filed')::INTEGER)::DATE AS filed_on
    FROM lawsuit
    WHERE role = '被告' AND u(firm, lawsuit, 'unpaid') < CASE WHEN loan > 0 THEN 0.9 ELSE logistic(-0.9 - 0.9 * h) END
), followed AS (
    SELECT *, '（' || year(filed_on) || '）' || court || '执' || (200 + row_number() OVER (PARTITION BY year(filed_on), court ORDER BY filed_on, lawsuit)) || '号' AS case_no,
           CASE WHEN u(firm, lawsuit, 'closed') < logistic(0.4 + 0.8 * h) THEN (filed_on + 40 + pick(320, firm, lawsuit, 'closed.days')::INTEGER)::DATE END AS closed_on,
           CASE WHEN u(firm, lawsuit, 'dishonest') < CASE WHEN loan > 0 THEN 0.6 ELSE logistic(-1.9 - 0.7 * h) END
                THEN (filed_on + 25 + pick(90, firm, lawsuit, 'dishonest.days')::INTEGER)::DATE END AS published
    FROM filed
)
SELECT * EXCLUDE (published),
       CASE WHEN closed_on IS NULL OR closed_on > published THEN published END AS published_on,
       CASE WHEN closed_on > published THEN closed_on + 5 END AS removed_on,
       CASE WHEN (closed_on IS NULL OR closed_on > published) AND u(firm, lawsuit, 'restricted') < 0.85 THEN published + pick(15, firm, lawsuit, 'restricted.days')::INTEGER END AS restricted_on
FROM followed WHERE filed_on <= last_day_lived();

-- One row per listing as abnormal, again when it is lifted: reports not filed, firms not found at their address.
WITH listing AS (
    SELECT r.firm, make_date(report_year + 1, 7, 3 + pick(12, r.firm, report_year, 'listed')::INTEGER) AS listed_on,
           '未依照《企业信息公示暂行条例》第八条规定的期限公示年度报告' AS reason, filed_on AS removed
    FROM report r WHERE late
    UNION ALL
    SELECT firm, happened_on, '通过登记的住所或者经营场所无法联系',
           CASE WHEN u(firm, t, 'found') < logistic(0.3 + 0.8 * h) THEN (happened_on + 40 + pick(400, firm, t, 'found.days')::INTEGER)::DATE END
    FROM event WHERE event = 'unreachable'
), one_a_day AS (
    FROM listing QUALIFY row_number() OVER (PARTITION BY firm, listed_on ORDER BY reason) = 1
)
SELECT firm AS _firm, unnest(versions(listed_on, removed)) AS _known_on, usci, name_on(listed_on, renamed_on, old_name, name) AS firm_name,
       listed_on, reason, told(removed, _known_on) AS removed_on
FROM one_a_day JOIN who USING (firm)

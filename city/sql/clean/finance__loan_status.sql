-- One row per loan and month end from lending until it is repaid, or eighteen months after payments stopped.
SELECT firm AS _firm, known(status_on) AS _known_on, loan_no, usci, name_on(lent_on, renamed_on, old_name, name) AS firm_name, status_on, yuan(balance_fen) AS balance_yuan, overdue_days,
       CASE WHEN overdue_days > 360 THEN '损失' WHEN overdue_days > 270 THEN '可疑' WHEN overdue_days > 90 THEN '次级' WHEN overdue_days > 0 THEN '关注' ELSE '正常' END AS five_class
FROM (
    SELECT l.*, w.usci, w.name, w.old_name, w.renamed_on, last_day(month_of(l.t + k)) AS status_on,
           CASE WHEN stopped AND status_on > missed_on THEN date_diff('day', missed_on, status_on)
                WHEN NOT stopped AND missed_on IS NOT NULL AND status_on > missed_on AND date_diff('day', missed_on, status_on) <= cured_days THEN date_diff('day', missed_on, status_on)
                WHEN k BETWEEN 1 AND 11 AND u(l.firm, l.t * 50 + k, 'slip') < least(0.35, 0.016 * exp(-1.1 * h.h)) THEN 1 + pick(24, l.firm, l.t + k, 'slip.days')
                ELSE 0 END AS overdue_days,
           CASE WHEN NOT stopped AND status_on >= due_on THEN 0
                WHEN by_instalment THEN amount_fen - amount_fen // 12 * least(11, CASE WHEN stopped THEN least(k, missed_month - 1) ELSE k END)
                ELSE amount_fen END AS balance_fen
    FROM (SELECT *, missed_on IS NOT NULL AND cured_days IS NULL AS stopped, (year(missed_on) - year(lent_on)) * 12 + month(missed_on) - month(lent_on) AS missed_month,
                 u(firm, t, 'instalments') < 0.3 AS by_instalment FROM lending) l
    JOIN range(0, 31) s(k) ON k <= CASE WHEN stopped THEN missed_month + 18 ELSE 12 END AND l.t + k <= last_month()
    JOIN health h ON h.firm = l.firm AND h.t = l.t + k
    JOIN who w ON w.firm = l.firm
)

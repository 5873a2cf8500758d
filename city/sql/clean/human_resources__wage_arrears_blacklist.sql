-- One row per listing, again when the employer is removed.
SELECT firm AS _firm, unnest(versions(on_day, removed)) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       head_name AS legal_person, on_day AS listed_on,
       left(city_name, 1) || '人社列字〔' || strftime(on_day, '%Y') || '〕' || digits8(firm, 16890649) || '号' AS decision_no,
       one_of(['克扣、无故拖欠农民工工资达到认定拒不支付劳动报酬罪数额标准', '因拖欠农民工工资违法行为引发群体性事件造成严重不良社会影响'], firm, t, 'wage_arrears_blacklist.reason') AS reason,
       greatest(3, headcount * (30 + pick(61, firm, t, 'wage_arrears_blacklist.workers')) // 100) AS workers,
       yuan(greatest(3, headcount) * (800000 + pick(1200000, firm, t, 'wage_arrears_blacklist.owed'))) AS owed_yuan,
       told(removed, _known_on) AS removed_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'wage_arrears_blacklist.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(m.firm, m.t, 'wage_arrears_blacklist.removed') < 0.45 THEN (on_day + 180 + pick(360, m.firm, m.t, 'wage_arrears_blacklist.until')::INTEGER)::DATE END AS removed
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('E', 'C', 'N', 'H')
      AND u(m.firm, m.t, 'wage_arrears_blacklist') < least(0.4, 0.0004 * exp(-1.2 * m.h))
)

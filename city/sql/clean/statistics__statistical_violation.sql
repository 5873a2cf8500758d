-- One row per firm found to have reported false figures, again when it leaves the list.
SELECT firm AS _firm, unnest(versions(on_day, removed)) AS _known_on,
       left(city_name, 1) || '统罚决〔' || year(on_day) || '〕' || digits8(firm * 60 + t, 467) || '号' AS case_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['提供不真实统计资料', '拒绝提供统计资料', '未按规定设置统计台账', '迟报统计资料'], firm, t, 'statistics__statistical_violation.what') AS behaviour,
       (10 + pick(300, firm, t, 'statistics__statistical_violation.gap'))::DOUBLE AS gap_pct,
       CASE WHEN u(firm, t, 'statistics__statistical_violation.serious') < 0.3 THEN '是' ELSE '否' END AS serious,
       yuan(100000 * (1 + pick(50, firm, t, 'statistics__statistical_violation.fine'))) AS fine_yuan, on_day AS found_on,
       told(removed, _known_on) AS removed_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'statistics__statistical_violation.day')::INTEGER)::DATE AS on_day,
           (m.month + 366 + pick(60, m.firm, m.t, 'statistics__statistical_violation.days')::INTEGER)::DATE AS removed
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.log_size > -0.3 AND u(m.firm, m.t, 'statistics__statistical_violation') < 0.0004 * exp(-0.6 * m.h)
)

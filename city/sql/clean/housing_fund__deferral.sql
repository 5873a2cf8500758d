-- One row per approval; firms in trouble ask for it.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       'HJ' || strftime(on_day, '%Y%m') || digits8(firm, 55361821) AS approval_no, one_of(['缓缴', '缓缴', '降低比例'], firm, t, 'deferral.kind') AS kind,
       one_of(['生产经营困难', '生产经营困难', '生产经营困难', '连续亏损', '受疫情影响'], firm, t, 'deferral.reason') AS reason, greatest(1, headcount) AS employees,
       on_day AS deferred_from, (on_day + to_months(3 + pick(10, firm, t, 'deferral.months')::INTEGER))::DATE AS deferred_until, on_day AS approved_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'deferral.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND m.headcount > 0 AND u(w.firm, 0, 'fund') < 0.42
      AND u(m.firm, m.t, 'deferral') < least(0.4, 0.0016 * exp(-1.5 * m.h))
)

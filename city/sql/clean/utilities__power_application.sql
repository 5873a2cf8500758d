-- One row per application carried out: those who grow ask for more, those who shrink for less.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       'YK' || strftime(on_day, '%Y%m') || digits8(firm, 79373878) AS application_no, '34' || digits8(firm, 16180339) AS account_no,
       CASE WHEN h > 0 THEN one_of(['增容', '增容', '增容', '增容', '增容', '新装', '新装', '过户', '暂停恢复'], firm, t, 'power_application.kind') ELSE one_of(['减容', '减容', '减容', '暂停', '暂停', '暂停', '暂停', '过户', '暂停恢复'], firm, t, 'power_application.kind') END AS kind,
       one_of([50, 100, 200, 315], firm, 0, 'power_application.before')::BIGINT AS capacity_before_kva,
       CASE WHEN h > 0 THEN one_of([50, 100, 200, 315], firm, 0, 'power_application.before') * 2 ELSE one_of([50, 100, 200, 315], firm, 0, 'power_application.before') // 2 END::BIGINT AS capacity_after_kva,
       applied AS applied_on, on_day AS done_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'power_application.day')::INTEGER)::DATE AS on_day,
           on_day - 5 - pick(40, m.firm, m.t, 'power_application.applied')::INTEGER AS applied
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'A', 'H', 'E') AND u(w.firm, 0, 'meter') < 0.62
      AND u(m.firm, m.t, 'power_application') < 0.006
)

-- One row per overloaded vehicle of a carrier.
SELECT firm AS _firm, known(on_day) AS _known_on, 'CX' || strftime(on_day, '%y%m') || digits8(firm, 61) || lpad(k::VARCHAR, 2, '0') AS record_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       '皖N' || upper(lpad(to_base(pick(60466176, firm, k, 'transport.plate'), 36), 5, '0')) AS plate_no,
       one_of(['苏埠超限检测站', '叶集超限检测站', 'G312不停车检测点', 'S366不停车检测点', 'G105不停车检测点'], firm, t * 4 + k, 'transport__overload_record.station') AS station,
       allowed::DOUBLE AS limit_t, (round(allowed * (1 + over_pct / 100.0), 2))::DOUBLE AS gross_t, over_pct::DOUBLE AS over_pct, on_day AS found_on,
       CASE WHEN over_pct > 30 THEN '处罚' WHEN over_pct > 12 THEN '卸载' ELSE '警告教育' END AS handled
FROM (
    SELECT w.*, m.t, k, m.h, (m.month + pick(27, m.firm, m.t * 4 + k, 'transport__overload_record.day')::INTEGER)::DATE AS on_day, one_of([18.0, 31.0, 49.0], m.firm, m.t * 4 + k, 'transport__overload_record.limit') AS allowed,
           5 + pick(70, m.firm, m.t * 4 + k, 'transport__overload_record.over') AS over_pct
    FROM firm_month m JOIN who w USING (firm) CROSS JOIN range(0, 3) r(k)
    WHERE w.section = 'G' AND m.sales_fen > 0 AND u(m.firm, m.t * 4 + k, 'transport__overload_record') < least(0.5, 0.02 * exp(-0.45 * m.h))
)

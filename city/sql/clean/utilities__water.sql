-- One row per meter and quarter.
SELECT m.firm AS _firm, known(max(m.month)) AS _known_on, 'LS' || digits8(m.firm, 14142135) AS meter_no, any_value(usci) AS usci,
       any_value(name_on(m.month, renamed_on, old_name, name) ORDER BY m.month DESC) AS firm_name,
       date_trunc('quarter', m.month)::DATE AS period, sum(tonnes)::BIGINT AS tonnes, yuan(sum(tonnes)::BIGINT * 335) AS charge_yuan
FROM (SELECT firm, month, t, kind, round((2 + headcount * 2.5 + base_sales / 1000000 * CASE section WHEN 'H' THEN 2.5 WHEN 'C' THEN 1.2 ELSE 0.2 END
                   * least(5, sales_fen / base_sales)) * exp(0.15 * z(firm, t, 'water')))::BIGINT AS tonnes FROM firm_month) m
JOIN who w USING (firm)
WHERE u(m.firm, 0, 'watermeter') < CASE m.kind WHEN 'enterprise' THEN 0.45 ELSE 0.16 END
GROUP BY m.firm, date_trunc('quarter', m.month)

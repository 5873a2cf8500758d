-- One row per meter and month.
SELECT m.firm AS _firm, known(m.month) AS _known_on, '34' || digits8(m.firm, 16180339) AS meter_no, usci, name_on(m.month, renamed_on, old_name, name) AS firm_name,
       m.month AS period, kwh, yuan(kwh * 68) AS charge_yuan
FROM (SELECT m.*, round(m.base_sales / 1000000 * kwh_per_wan * [1.05, 0.85, 0.95, 0.92, 0.95, 1.08, 1.25, 1.25, 1.05, 0.92, 0.95, 1.08][month(m.month)]
             * (0.22 + 0.78 * least(6, m.sales_fen / m.base_sales)) * exp(0.12 * z(m.firm, t, 'power')))::BIGINT AS kwh,
             usci, name, old_name, renamed_on
      FROM firm_month m JOIN who w USING (firm)
      WHERE u(m.firm, 0, 'meter') < CASE m.kind WHEN 'enterprise' THEN 0.62 ELSE 0.30 END) m

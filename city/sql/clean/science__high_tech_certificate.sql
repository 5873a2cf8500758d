-- One row per certificate as a high-tech enterprise; it is good for three years and may be renewed.
SELECT firm AS _firm, known(certified_on) AS _known_on, 'GR' || year(certified_on) || '34' || lpad((1000 + pick(9000, firm, k, 'certificate') % 10 + firm * 10 % 9000000)::VARCHAR, 6, '0') AS certificate_no, usci,
       name_on(certified_on, renamed_on, old_name, name) AS firm_name, certified_on, (certified_on + INTERVAL 3 YEAR)::DATE AS valid_until
FROM (SELECT w.*, k, (make_date(2020 + pick(3, firm, 0, 'certified')::INTEGER + 3 * k::INTEGER, 10, 15) + pick(60, firm, k, 'certified.day')::INTEGER)::DATE AS certified_on
      FROM who w CROSS JOIN range(3) t(k)
      WHERE kind = 'enterprise' AND section IN ('C', 'I', 'M') AND u(firm, 0, 'high.tech') < 0.16 * exp(0.6 * mu) AND u(firm, k, 'renewed') < 0.8)
WHERE certified_on > born + 700 AND certified_on <= least(last_day_lived(), coalesce(died_on, last_day_lived()))

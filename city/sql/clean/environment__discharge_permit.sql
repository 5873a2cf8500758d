-- One row per permit; it is good for five years.
SELECT firm AS _firm, known(issued_on) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       usci || '00' || (1 + k) || one_of(['P', 'Q', 'R', 'U', 'V', 'W', 'X', 'Y'], firm, k, 'discharge_permit.no') AS permit_no,
       CASE WHEN log_size > 1.2 AND section = 'C' THEN '重点管理' WHEN section = 'C' AND log_size > -0.2 THEN '简化管理' ELSE '登记管理' END AS management,
       industry_code,
       CASE section WHEN 'C' THEN one_of(['废气', '废气', '废水', '废气、废水', '废气、废水'], firm, 0, 'discharge_permit.pollutants') WHEN 'A' THEN '废水' ELSE '废气' END AS pollutants,
       round(exp(-0.5 + 0.6 * log_size + 0.6 * z(firm, 0, 'discharge_permit.cod')), 3)::DOUBLE AS cod_limit_t, issued_on, valid_until
FROM (
    SELECT w.*, k, (born + 200 + pick(180, w.firm, k, 'discharge_permit.day')::INTEGER + to_years(5 * k::INTEGER))::DATE AS issued_on,
           (issued_on + INTERVAL 5 YEAR - INTERVAL 1 DAY)::DATE AS valid_until
    FROM who w CROSS JOIN range(5) r(k)
    WHERE w.kind = 'enterprise'
      AND (w.section = 'C' OR w.industry_code IN ('A0313', 'O8111'))
      AND u(w.firm, 0, 'discharge_permit') < 0.75
      AND (k = 0 OR u(w.firm, k, 'discharge_permit.renewed') < 0.93)
)
WHERE issued_on BETWEEN DATE '2018-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

-- One row per trademark of a firm; it is good for ten years.
SELECT firm AS _firm, known(issued_on) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       digits8(firm, 20762978) || lpad(k::VARCHAR, 2, '0') AS registration_no,
       trade || one_of(['', '', '春', '山', '源'], firm, k, 'trademark.mark') AS mark,
       one_of([30, 35, 31, 29, 25, 43, 7, 19], firm, k, 'trademark.class')::BIGINT AS class_no, issued_on AS registered_on, valid_until,
       CASE WHEN log_size > 1.8 AND mu > 0.5 THEN '是' ELSE '否' END AS famous
FROM (
    SELECT w.*, k, (born + 400 + pick(180, w.firm, k, 'trademark.day')::INTEGER + to_years(10 * k::INTEGER))::DATE AS issued_on,
           (issued_on + INTERVAL 10 YEAR - INTERVAL 1 DAY)::DATE AS valid_until
    FROM who w CROSS JOIN range(3) r(k)
    WHERE u(w.firm, 0, 'trademark') < 0.22 * exp(0.35 * w.mu)
      AND (k = 0 OR u(w.firm, k, 'trademark.renewed') < 0.93)
)
WHERE issued_on BETWEEN DATE '2010-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

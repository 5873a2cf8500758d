-- One row per licence of a works that tests with X-rays; it is good for five years.
SELECT firm AS _firm, known(issued_on) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       '皖环辐证[N' || digits8(firm, 4842657) || k || ']' AS licence_no,
       one_of(['使用Ⅲ类射线装置', '使用Ⅲ类射线装置', '使用Ⅲ类射线装置', '使用Ⅱ类射线装置', '使用Ⅴ类放射源'], firm, 0, 'radiation_licence.scope') AS scope,
       (1 + pick(4, firm, k, 'radiation_licence.devices')) AS devices, issued_on, valid_until
FROM (
    SELECT w.*, k, (born + 400 + pick(180, w.firm, k, 'radiation_licence.day')::INTEGER + to_years(5 * k::INTEGER))::DATE AS issued_on,
           (issued_on + INTERVAL 5 YEAR - INTERVAL 1 DAY)::DATE AS valid_until
    FROM who w CROSS JOIN range(5) r(k)
    WHERE w.kind = 'enterprise'
      AND w.industry_code IN ('C3311', 'C3484', 'C3985', 'C1353')
      AND u(w.firm, 0, 'radiation_licence') < 0.1 * exp(0.2 * w.mu)
      AND (k = 0 OR u(w.firm, k, 'radiation_licence.renewed') < 0.93)
)
WHERE issued_on BETWEEN DATE '2017-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

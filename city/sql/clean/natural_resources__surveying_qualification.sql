-- One row per qualification of a surveyor; it is good for five years.
SELECT firm AS _firm, known(issued_on) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       '乙测资字' || strftime(issued_on, '%y') || digits8(firm, 69350010) AS certificate_no, CASE WHEN log_size > 1.4 THEN '甲级' ELSE '乙级' END AS grade,
       one_of(['工程测量', '工程测量、界线与不动产测绘', '地理信息系统工程'], firm, 0, 'surveying_qualification.scope') AS scope,
       (6 + pick(35, firm, k, 'surveying_qualification.staff')) AS staff, issued_on, valid_until
FROM (
    SELECT w.*, k, (born + 200 + pick(180, w.firm, k, 'surveying_qualification.day')::INTEGER + to_years(5 * k::INTEGER))::DATE AS issued_on,
           (issued_on + INTERVAL 5 YEAR - INTERVAL 1 DAY)::DATE AS valid_until
    FROM who w CROSS JOIN range(5) r(k)
    WHERE w.kind = 'enterprise'
      AND w.industry_code = 'M7484'
      AND u(w.firm, 0, 'surveying_qualification') < 0.3 * exp(0.2 * w.mu)
      AND (k = 0 OR u(w.firm, k, 'surveying_qualification.renewed') < 0.93)
)
WHERE issued_on BETWEEN DATE '2016-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

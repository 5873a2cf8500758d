-- One row per line of a firm, again when it is cut.
SELECT firm AS _firm, unnest(versions(issued_on, ended)) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       'LAZX' || digits8(firm, 15043002) || k AS line_no,
       one_of(['电信', '电信', '电信', '移动', '移动', '移动', '移动', '联通', '联通', '广电'], firm, k, 'telecom_line.operator') AS operator,
       one_of(['企业宽带', '企业宽带', '企业宽带', '企业宽带', '企业宽带', '企业宽带', '互联网专线', '互联网专线', '数据专线'], firm, k, 'telecom_line.line_kind') AS line_kind,
       one_of([100, 200, 300, 500, 1000], firm, k, 'telecom_line.speed')::BIGINT AS mbps,
       one_of([99, 168, 299, 599, 1200], firm, k, 'telecom_line.speed')::DECIMAL(18, 2) AS monthly_yuan, issued_on AS opened_on,
       CASE WHEN told(ended, _known_on) IS NOT NULL THEN '拆机' ELSE '在网' END AS state, told(ended, _known_on) AS closed_on
FROM (
    SELECT w.*, k, (born + 30 + pick(180, w.firm, k, 'telecom_line.day')::INTEGER + to_years(4 * k::INTEGER))::DATE AS issued_on,
           (issued_on + INTERVAL 4 YEAR - INTERVAL 1 DAY)::DATE AS valid_until,
           least(valid_until + 60, died_on) AS ended
    FROM who w CROSS JOIN range(6) r(k)
    WHERE u(w.firm, 0, 'telecom_line') < 0.4 * exp(0.1 * w.mu)
      AND (k = 0 OR u(w.firm, k, 'telecom_line.renewed') < 0.8)
)
WHERE issued_on BETWEEN DATE '2015-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

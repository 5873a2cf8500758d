-- One row per dealer in medical devices of the second class.
SELECT firm AS _firm, known(issued_on) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       '皖' || left(city_name, 1) || '药监械经营备' || strftime(issued_on, '%Y') || digits8(firm, 35679365) || '号' AS filing_no,
       CASE WHEN kind = 'individual' THEN '零售' ELSE one_of(['零售', '零售', '零售', '批发', '批发', '批零兼营', '批零兼营'], firm, 0, 'medical_device_filing.mode') END AS mode,
       one_of(['6820普通诊察器械', '6864医用卫生材料及敷料', '6864医用卫生材料及敷料', '6840体外诊断试剂（不需低温冷藏）', '6846植入材料'], firm, 0, 'medical_device_filing.scope') AS scope,
       head_name, CASE WHEN u(firm, 0, 'medical_device_filing.warehouse') < 0.5 THEN address END AS warehouse, issued_on AS filed_on,
       city_name || '市场监督管理局' AS authority
FROM (
    SELECT w.*, 0 AS k, (born + 90 + pick(180, w.firm, 0, 'medical_device_filing.day')::INTEGER)::DATE AS issued_on
    FROM who w
    WHERE w.industry_code IN ('F5251', 'F5179') AND (w.industry_code = 'F5251' OR u(w.firm, 0, 'devices') < 0.1)
      AND u(w.firm, 0, 'medical_device_filing') < 0.55
)
WHERE issued_on BETWEEN DATE '2014-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

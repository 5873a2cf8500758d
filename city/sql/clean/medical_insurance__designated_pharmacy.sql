-- One row per service agreement with a pharmacy; agreements run for two years.
SELECT firm AS _firm, known(on_day) AS _known_on, 'YD3415' || digits8(firm, 41421356) || '-' || lpad(k::VARCHAR, 2, '0') AS agreement_no,
       'P' || division_code || lpad((firm % 100000)::VARCHAR, 5, '0') AS pharmacy_code, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       division_code, address, on_day AS signed_on, until_day AS valid_until,
       (1 + pick(4, firm, 0, 'medical_insurance__designated_pharmacy.pharmacist'))::BIGINT AS pharmacist_count,
       CASE WHEN u(firm, 0, 'medical_insurance__designated_pharmacy.chronic') < 0.3 THEN '是' ELSE '否' END AS clinic_chronic
FROM (
    SELECT w.*, k, (born + 12 + pick(200, firm, 0, 'medical_insurance__designated_pharmacy.day')::INTEGER + to_years((2 * k)::INTEGER))::DATE AS on_day,
           (born + 11 + pick(200, firm, 0, 'medical_insurance__designated_pharmacy.day')::INTEGER + to_years((2 * (k + 1))::INTEGER))::DATE AS until_day
    FROM who w CROSS JOIN range(0, 13) r(k)
    WHERE (k = 0 OR u(firm, k, 'medical_insurance__designated_pharmacy.renewed') < 0.93) AND w.industry_code = 'F5251'
      AND u(w.firm, 0, 'medical_insurance__designated_pharmacy') < 0.75
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived())) AND until_day >= DATE '2021-01-01'

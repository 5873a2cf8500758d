-- One row per permit, again when it is withdrawn; good for three years.
SELECT firm AS _firm, unnest(versions(on_day, withdrawn)) AS _known_on, 'HWGG' || division_code || digits8(firm, 479) || '-' || k AS permit_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE industry_code
           WHEN 'L7259' THEN one_of(['大型户外广告', '电子显示屏'], firm, 0, 'urban_management__outdoor_ad_permit.kind')
           ELSE '店招牌匾' END AS kind,
       address, (2 + pick(60, firm, 0, 'urban_management__outdoor_ad_permit.area'))::DOUBLE AS area_m2, on_day AS granted_on, until_day AS valid_until,
       told(withdrawn, _known_on) AS withdrawn_on
FROM (
    SELECT w.*, k, (born + 12 + pick(200, firm, 0, 'urban_management__outdoor_ad_permit.day')::INTEGER + to_years((3 * k)::INTEGER))::DATE AS on_day,
           (born + 11 + pick(200, firm, 0, 'urban_management__outdoor_ad_permit.day')::INTEGER + to_years((3 * (k + 1))::INTEGER))::DATE AS until_day,
           CASE WHEN died_on BETWEEN on_day AND until_day THEN died_on + 30 END AS withdrawn
    FROM who w CROSS JOIN range(0, 9) r(k)
    WHERE (k = 0 OR u(firm, k, 'urban_management__outdoor_ad_permit.renewed') < 0.93)
      AND (w.section IN ('F', 'H', 'O') AND u(w.firm, 0, 'urban_management__outdoor_ad_permit') < 0.35) OR (w.industry_code = 'L7259' AND u(w.firm, 0, 'urban_management__outdoor_ad_permit') < 0.7)
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived())) AND until_day >= DATE '2021-01-01'

-- One row per contract by which a firm was granted land.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       division_code || strftime(on_day, '%Y') || 'B' || digits8(firm, 44945990) || lpad(t::VARCHAR, 2, '0') AS contract_no,
       county_name || one_of(['经济开发区', '高新技术产业园', '物流园区'], firm, t, 'land_grant_contract.parcel_location') || one_of(['经三路以东', '纬五路以北', '迎宾大道以南'], firm, t, 'land_grant_contract.parcel_location') AS parcel_location,
       CASE section WHEN 'C' THEN '工业用地' WHEN 'G' THEN '物流仓储用地' WHEN 'A' THEN '其他' ELSE '商业服务业用地' END AS land_use, area::DOUBLE AS area_sqm,
       wan(round(area * CASE section WHEN 'C' THEN 18000 ELSE 120000 END)::BIGINT) AS premium_wan,
       one_of(['招拍挂出让', '招拍挂出让', '招拍挂出让', '招拍挂出让', '招拍挂出让', '招拍挂出让', '招拍挂出让', '招拍挂出让', '招拍挂出让', '协议出让'], firm, t, 'land_grant_contract.mode') AS mode,
       on_day AS signed_on, (on_day + INTERVAL 1 YEAR)::DATE AS start_by, (on_day + INTERVAL 3 YEAR)::DATE AS complete_by
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'land_grant_contract.day')::INTEGER)::DATE AS on_day,
           round(exp(9.4 + 0.5 * w.log_size + 0.5 * z(m.firm, m.t, 'grant.area')), 2) AS area
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'G', 'F', 'E') AND w.log_size > -0.3 AND m.h > -1
      AND u(m.firm, m.t, 'land_grant_contract') < least(0.4, 0.0012 * exp(0.3 * m.h))
)

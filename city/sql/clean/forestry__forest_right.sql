-- One row per parcel registered to a firm, again when it is mortgaged.
SELECT firm AS _firm, unnest(versions(on_day, mortgaged)) AS _known_on,
       '皖（' || year(on_day) || '）' || city_name || '不动产权第' || digits8(firm, 541) || k || '号' AS right_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       'LB' || lpad(pick(10000000, firm, k, 'forestry__forest_right.parcel')::VARCHAR, 7, '0') AS parcel_no,
       county_name || one_of(['东河', '西山', '南岭', '北冲'], firm, k, 'forestry__forest_right.ridge') || '林班' || (1 + pick(60, firm, k, 'forestry__forest_right.stand')) AS address,
       CASE industry_code
           WHEN 'A0164' THEN '经济林（茶）'
           ELSE one_of(['用材林', '经济林', '竹林', '防护林'], firm, k, 'forestry__forest_right.kind') END AS forest_kind,
       (5 + pick(800, firm, k, 'forestry__forest_right.area'))::DOUBLE AS area_mu,
       one_of(['流转', '流转', '承包', '拍卖'], firm, k, 'forestry__forest_right.origin') AS origin, on_day AS registered_on,
       (on_day + INTERVAL 9 YEAR)::DATE AS ends_on, told(mortgaged, _known_on) AS mortgaged_on
FROM (
    SELECT w.*, k, (w.born + 40 + pick(1400, w.firm, k, 'forestry__forest_right.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(w.firm, k, 'forestry__forest_right.mortgaged') < 0.18 THEN (w.born + 1500 + pick(1500, w.firm, k, 'forestry__forest_right.mortgaged.on')::INTEGER)::DATE END AS mortgaged
    FROM who w CROSS JOIN range(0, 6) r(k)
    WHERE w.section IN ('A', 'N') AND u(w.firm, 0, 'forestry__forest_right') < 0.5 AND k < 1 + pick(6, w.firm, 1, 'forestry__forest_right.parcels')
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived()))

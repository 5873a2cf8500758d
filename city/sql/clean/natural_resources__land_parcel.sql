-- One row per parcel that a firm of the city holds: a third of the manufacturers, few others, the larger ones rather.
SELECT firm AS _firm, known(issued_on) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       division_code || left(digits8(firm, 7448956), 3) || '001GB' || right(digits8(firm, 7448956), 5) AS parcel_code, address AS location,
       CASE section WHEN 'C' THEN '工业用地' WHEN 'G' THEN '物流仓储用地' WHEN 'A' THEN '其他' ELSE '商业服务业用地' END AS land_use,
       one_of(['出让', '出让', '出让', '出让', '出让', '出让', '出让', '出让', '出让', '出让', '出让', '出让', '出让', '出让', '出让', '出让', '划拨', '作价出资'], firm, 0, 'land_parcel.right_kind') AS right_kind,
       round(exp(8.6 + 0.5 * log_size + 0.5 * z(firm, 0, 'land.area')), 2)::DOUBLE AS area_sqm, issued_on AS registered_on,
       (issued_on + INTERVAL 40 YEAR)::DATE AS ends_on
FROM (
    SELECT w.*, 0 AS k, (born + 200 + pick(180, w.firm, 0, 'land_parcel.day')::INTEGER)::DATE AS issued_on
    FROM who w
    WHERE w.kind = 'enterprise'
      AND u(w.firm, 0, 'owns.land') < CASE w.section WHEN 'C' THEN 0.32 WHEN 'G' THEN 0.12 WHEN 'A' THEN 0.10 WHEN 'H' THEN 0.08 ELSE 0.03 END * exp(0.5 * w.log_size)
      AND u(w.firm, 0, 'land_parcel') < 1
)
WHERE issued_on BETWEEN DATE '2003-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

-- One row per hotel and year reviewed.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, y::BIGINT AS review_year,
       CASE kind WHEN 'individual' THEN '旅游民宿' ELSE '星级饭店' END AS kind, stars::BIGINT AS star,
       CASE WHEN h < -1.6 THEN '取消等级' WHEN h < -0.9 THEN '限期整改' ELSE '通过' END AS verdict, (8 + floor(30 * exp(0.6 * log_size)))::BIGINT AS room_count,
       (round(greatest(8, least(96, 52 + 9 * strength + 5 * z(firm, y, 'culture_tourism__star_hotel.occupancy'))), 1))::DOUBLE AS occupancy_pct
FROM (
    SELECT w.*, y, h.t, h.h, h.strength, make_date(y + 1, 2, 8) AS on_day,
           CASE WHEN w.kind = 'individual' THEN 2 WHEN w.log_size > 1.6 THEN 5 WHEN w.log_size > 0.6 THEN 4 ELSE 3 END AS stars
    FROM who w CROSS JOIN range(2020, 2022 + (last_month() + 1) // 12) r(y) JOIN health h USING (firm)
    WHERE h.t = (y - 2022) * 12 + 11 AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 2, 8))
      AND w.industry_code = 'H6121' AND u(w.firm, 0, 'culture_tourism__star_hotel') < 0.4 AND year(w.born) <= y - 1
)

-- One row per county and day.
SELECT NULL::BIGINT AS _firm, known(on_day) AS _known_on, code AS division_code, on_day AS measured_on, aqi,
       CASE WHEN aqi <= 50 THEN '优' WHEN aqi <= 100 THEN '良' WHEN aqi <= 150 THEN '轻度污染' WHEN aqi <= 200 THEN '中度污染' ELSE '重度污染' END AS grade,
       greatest(3, round(aqi * 0.62))::BIGINT AS pm25, greatest(5, round(aqi * 1.02))::BIGINT AS pm10,
       40 + pick(130, d, code::BIGINT, 'air_quality.ozone') AS ozone,
       CASE WHEN aqi > 50 THEN CASE WHEN month(on_day) BETWEEN 5 AND 9 THEN '臭氧' ELSE '细颗粒物' END END AS primary_pollutant
FROM (
    SELECT code, d, (DATE '2022-01-01' + d::INTEGER)::DATE AS on_day,
           least(300, greatest(18, round((62 + 22 * cos((month(on_day) - 1) * 0.5236)) * exp(0.33 * z(d, 0, 'air_quality') + 0.08 * z(d, code::BIGINT, 'air_quality.county')))))::BIGINT AS aqi
    FROM county CROSS JOIN range(date_diff('day', DATE '2022-01-01', last_day_lived()) + 1) r(d)
)

-- One row per carrier and year rated, published in May of the next year.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, y::BIGINT AS rating_year,
       CASE WHEN standing > 0.9 THEN 'AAA' WHEN standing > -0.3 THEN 'AA' WHEN standing > -1.6 THEN 'A' ELSE 'B' END AS grade,
       (round(greatest(300, least(1000, 820 + 75 * standing)), 1))::DOUBLE AS score,
       (whole(greatest(0, 0.25 - 0.15 * standing), firm, y, 'transport__carrier_rating.accidents'))::BIGINT AS accident_count,
       (whole(exp(0.8 - 0.6 * standing), firm, y, 'transport__carrier_rating.violations'))::BIGINT AS violation_count, on_day AS published_on
FROM (
    SELECT w.*, y, h.t, h.h, h.strength, make_date(y + 1, 5, 20) AS on_day,
           h.strength + 0.6 * z(w.firm, y, 'transport__carrier_rating') AS standing
    FROM who w CROSS JOIN range(2020, 2022 + (last_month() + 1) // 12) r(y) JOIN health h USING (firm)
    WHERE h.t = (y - 2022) * 12 + 11 AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 5, 20))
      AND w.section = 'G' AND w.kind = 'enterprise'
)

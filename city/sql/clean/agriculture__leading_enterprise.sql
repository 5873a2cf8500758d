-- One row per firm and year in which it was named or passed the review as a leading enterprise.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, y::BIGINT AS review_year,
       CASE WHEN log_size > 2.2 THEN '省级' ELSE '市级' END AS level,
       CASE WHEN h < -1.1 THEN '不合格' WHEN u(firm, y, 'agriculture__leading_enterprise.new') < 0.2 THEN '新认定' ELSE '合格' END AS verdict,
       wan(round(base_sales * 12 * exp(0.3 * strength))::BIGINT) AS sales_wan, 20 + floor(60 * exp(0.7 * log_size))::BIGINT AS household_count,
       (10 * pick(300, firm, 0, 'agriculture__leading_enterprise.base'))::DOUBLE AS base_mu, on_day AS published_on
FROM (
    SELECT w.*, y, h.t, h.h, h.strength, make_date(y + 1, 3, 15) AS on_day
    FROM who w CROSS JOIN range(2020, 2022 + (last_month() + 1) // 12) r(y) JOIN health h USING (firm)
    WHERE h.t = (y - 2022) * 12 + 11 AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 3, 15))
      AND w.kind = 'enterprise' AND (w.section = 'A' OR w.industry_code LIKE 'C13%' OR w.industry_code = 'C1530') AND year(w.born) <= y - 2
      AND 0.7 * h.strength + 0.9 * w.log_size + 0.3 * z(w.firm, 0, 'agriculture__leading_enterprise') > 0.9
)

-- One row per workshop named.
SELECT firm AS _firm, known(on_day) AS _known_on, 'SZ' || y || digits8(firm, 211) AS certificate_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       word || one_of(['数字化车间', '智能工厂', '柔性生产车间'], firm, y, 'industry_information__smart_workshop.name') AS workshop_name,
       CASE WHEN log_size + 0.4 * z(firm, y, 'industry_information__smart_workshop.level') > 1.8 THEN '省级' ELSE '市级' END AS level,
       (whole(3 * exp(0.8 * log_size), firm, y, 'industry_information__smart_workshop.robots'))::BIGINT AS robot_count,
       (round(50 + 48 * u(firm, y, 'industry_information__smart_workshop.rate'), 1))::DOUBLE AS nc_rate_pct, on_day AS named_on
FROM (
    SELECT w.*, y, h.t, h.h, h.strength, make_date(y + 1, 2, 18) AS on_day
    FROM who w CROSS JOIN range(2020, 2022 + (last_month() + 1) // 12) r(y) JOIN health h USING (firm)
    WHERE h.t = (y - 2022) * 12 + 11 AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 2, 18))
      AND w.kind = 'enterprise' AND w.section = 'C' AND year(w.born) <= y - 2
      AND u(w.firm, y, 'industry_information__smart_workshop') < 0.035 * exp(0.5 * h.strength + 0.4 * w.log_size)
)

-- One row per unit and year on the list.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, y::BIGINT AS list_year,
       CASE section WHEN 'C' THEN '劳动密集型企业' WHEN 'H' THEN '宾馆饭店' ELSE '商场市场' END AS kind, partner_name AS manager_name, address,
       CASE WHEN log_size > 1 OR u(firm, 0, 'fire_rescue__key_unit.facility') < 0.4 THEN '有' ELSE '无' END AS facility,
       (round(greatest(30, least(100, 80 + 4 * strength + 8 * z(firm, y, 'fire_rescue__key_unit.score'))), 1))::DOUBLE AS score
FROM (
    SELECT w.*, y, h.t, h.h, h.strength, make_date(y + 1, 1, 31) AS on_day
    FROM who w CROSS JOIN range(2020, 2022 + (last_month() + 1) // 12) r(y) JOIN health h USING (firm)
    WHERE h.t = (y - 2022) * 12 + 11 AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 1, 31))
      AND w.kind = 'enterprise' AND (w.industry_code IN ('H6121', 'F5212', 'F5211', 'H6210') OR w.section = 'C') AND w.log_size > 0.4
      AND u(w.firm, 0, 'fire_rescue__key_unit') < 0.6
)

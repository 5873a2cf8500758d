-- One row per firm that works or sells wood and year checked.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, y::BIGINT AS check_year,
       CASE industry_code WHEN 'C2032' THEN '加工' ELSE '经营' END AS business, processed::DOUBLE AS raw_m3,
       CASE WHEN u(firm, y, 'forestry__wood_business_filing.ledger') < 0.08 * exp(-0.4 * h) THEN '否' ELSE '是' END AS ledger,
       CASE WHEN u(firm, y, 'forestry__wood_business_filing.verdict') < 0.015 * exp(-0.7 * h) THEN '不合格'
           WHEN u(firm, y, 'forestry__wood_business_filing.verdict') < 0.1 * exp(-0.4 * h) THEN '限期整改'
           ELSE '合格' END AS verdict,
       on_day AS checked_on
FROM (
    SELECT w.*, y, h.t, h.h, h.strength, make_date(y + 1, 1, 30) AS on_day,
           round(base_sales * 12 * exp(0.4 * strength) / 180000.0 * (0.4 + 0.5 * u(w.firm, y, 'forestry__wood_business_filing.share')), 1) AS processed
    FROM who w CROSS JOIN range(2020, 2022 + (last_month() + 1) // 12) r(y) JOIN health h USING (firm)
    WHERE h.t = (y - 2022) * 12 + 11 AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 1, 30))
      AND (w.industry_code = 'C2032' OR (w.industry_code = 'F5165' AND u(w.firm, 0, 'forestry__wood_business_filing') < 0.12))
      AND u(w.firm, y, 'forestry__wood_business_filing.seen') < 0.8
)

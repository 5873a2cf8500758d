-- One row per title; good for three years, renewed by those that are still worth it.
SELECT firm AS _firm, known(on_day) AS _known_on, 'ZJTX' || year(on_day) || digits8(firm, 197) AS certificate_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE WHEN log_size + mu > 2.8 THEN '专精特新小巨人企业' WHEN log_size + mu > 1.2 THEN '专精特新中小企业' ELSE '创新型中小企业' END AS level, word AS main_product,
       (round(3 + 30 * u(firm, k, 'industry_information__srdi_enterprise.share'), 1))::DOUBLE AS market_share_pct,
       (round(3 + 6 * u(firm, k, 'industry_information__srdi_enterprise.rd'), 2))::DOUBLE AS rd_share_pct, on_day AS named_on,
       (on_day + INTERVAL 3 YEAR)::DATE AS valid_until
FROM (
    SELECT w.*, k, (DATE '2020-11-20' + pick(700, w.firm, 0, 'industry_information__srdi_enterprise.day')::INTEGER + to_years((3 * k)::INTEGER))::DATE AS on_day
    FROM who w CROSS JOIN range(0, 3) r(k) JOIN health h USING (firm)
    WHERE w.kind = 'enterprise' AND w.section IN ('C', 'I', 'M') AND h.t = CASE WHEN k = 2 THEN 50 ELSE k * 34 END
      AND 0.5 * w.log_size + 0.8 * h.strength + 0.6 * z(w.firm, 0, 'industry_information__srdi_enterprise') > 1.0
)
WHERE on_day > born + 730 AND on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived()))

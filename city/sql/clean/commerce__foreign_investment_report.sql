-- One row per foreign-invested firm and year.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, y::BIGINT AS report_year,
       one_of(['中国香港', '中国香港', '中国台湾', '新加坡', '日本', '韩国', '德国', '美国'], firm, 0, 'commerce__foreign_investment_report.country') AS investor_country,
       (one_of([25, 30, 49, 51, 70, 100], firm, 0, 'commerce__foreign_investment_report.share'))::DOUBLE AS foreign_share_pct,
       (capital_wan * (20 + 10 * pick(8, firm, y, 'commerce__foreign_investment_report.paid')) / 100.0)::DECIMAL(18, 4) AS paid_in_wan,
       wan(round(base_sales * 12 * exp(0.5 * strength))::BIGINT) AS revenue_wan,
       (greatest(1, round(base_sales / 1000000 * people_per_wan * exp(0.38 * strength))))::BIGINT AS employees,
       on_day - pick(120, firm, y, 'commerce__foreign_investment_report.day')::INTEGER AS reported_on
FROM (
    SELECT w.*, y, h.t, h.h, h.strength, make_date(y + 1, 6, 25) AS on_day
    FROM who w CROSS JOIN range(2020, 2022 + (last_month() + 1) // 12) r(y) JOIN health h USING (firm)
    WHERE h.t = (y - 2022) * 12 + 11 AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 6, 25))
      AND w.kind = 'enterprise' AND w.section IN ('C', 'F', 'I', 'G', 'M', 'L')
      AND u(w.firm, 0, 'commerce__foreign_investment_report') < 0.02 * exp(0.5 * w.log_size)
)

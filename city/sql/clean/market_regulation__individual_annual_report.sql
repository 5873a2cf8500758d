-- One row per individual business and year reported, filed by the end of June of the next year.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, y AS report_year,
       heads AS employees, yuan(round(sales * (0.8 + 0.3 * u(firm, y, 'individual_annual_report.told')))::BIGINT) AS sales_yuan,
       yuan(CASE WHEN sales > 108000000 THEN round(sales * 0.01)::BIGINT ELSE 0 END) AS tax_yuan,
       one_of(['是', '否', '否', '否', '否', '否'], firm, y, 'individual_annual_report.online') AS online, phone, on_day AS filed_on
FROM (
    SELECT w.*, y, sales, heads, (make_date(y + 1, 1, 3) + pick(175, w.firm, y, 'individual_annual_report.day')::INTEGER)::DATE AS on_day
    FROM who w JOIN (SELECT firm, year(month) AS y, sum(sales_fen)::BIGINT AS sales, max(headcount) AS heads, arg_max(h, t) AS h FROM firm_month WHERE kind = 'individual' AND t < 48 GROUP BY ALL) USING (firm)
    WHERE u(w.firm, y, 'individual_annual_report') < logistic(1.2 + 0.6 * h)
)
WHERE died_on IS NULL OR on_day < died_on

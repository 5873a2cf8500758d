-- One row per enterprise and year reported, from the report filed by June of the next year (those not filed in time: later or never).
SELECT firm AS _firm, known(filed_on) AS _known_on, usci, name_on(filed_on, renamed_on, old_name, name) AS firm_name, report_year,
       employees, wan(revenue) AS revenue_wan, wan(assets) AS assets_wan, wan(assets * debt) AS liabilities_wan,
       wan(revenue * profit) AS profit_wan, wan(revenue * 0.022) AS tax_wan
FROM (
    SELECT *, revenue_fen::DOUBLE * (1 + 0.04 * z(firm, report_year, 'report.revenue')) AS revenue,
           base_sales * 12 * exp(0.3 * strength) * (0.55 + 0.5 * u(firm, 0, 'assets')) AS assets,
           greatest(0.06, least(1.35, 0.52 - 0.15 * h + 0.08 * z(firm, report_year, 'debt'))) AS debt,
           greatest(-0.40, 0.035 + 0.32 * (margin - 0.15) + 0.035 * h + 0.02 * z(firm, report_year, 'profit')) AS profit
    FROM report WHERE filed_on IS NOT NULL
)

-- One row per enterprise and year settled, declared by the end of May of the next year; the profit rate is that of the annual report.
SELECT firm AS _firm, known(declared) AS _known_on, usci AS taxpayer_id, name_on(declared, renamed_on, old_name, name) AS firm_name,
       report_year AS tax_year, yuan(revenue_fen) AS revenue_yuan, yuan(revenue_fen * (1 - greatest(0.04, profit + 0.06))) AS cost_yuan,
       yuan(revenue_fen * profit) AS total_profit_yuan, yuan(revenue_fen * (profit + 0.004)) AS taxable_income_yuan,
       yuan(greatest(0, revenue_fen * (profit + 0.004)) * 0.20) AS tax_relief_yuan,
       yuan(greatest(0, revenue_fen * (profit + 0.004)) * 0.05) AS tax_due_yuan, declared AS declared_on
FROM (
    SELECT *, greatest(-0.40, 0.035 + 0.32 * (margin - 0.15) + 0.035 * h + 0.02 * z(firm, report_year, 'profit')) AS profit,
           (make_date(report_year + 1, 3, 1) + pick(91, firm, report_year, 'income_tax_annual.day')::INTEGER)::DATE AS declared
    FROM report WHERE NOT late OR u(firm, report_year, 'income_tax_annual') < 0.55
)

-- One row per large energy user and month; what it burns follows what it makes.
SELECT firm AS _firm, known(month) AS _known_on, usci, name_on(month, renamed_on, old_name, name) AS firm_name, month AS period,
       wan(round(sales_fen * (0.96 + 0.08 * u(firm, t, 'industry_information__key_energy_user.output')))::BIGINT) AS output_wan,
       (round(coal_t * 0.6 / 0.0001229))::DOUBLE AS power_kwh, (round(coal_t * 0.15 / 0.00121))::DOUBLE AS gas_m3,
       (round(coal_t * 0.1 / 0.0341, 2))::DOUBLE AS steam_gj, coal_t::DOUBLE AS total_tce
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount,
           round(w.base_sales / 1000000 * w.kwh_per_wan * 0.00035 * (0.25 + 0.75 * least(4, m.sales_fen / w.base_sales)) * exp(0.08 * z(m.firm, m.t, 'industry_information__key_energy_user.coal')), 3) AS coal_t
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section = 'C' AND u(m.firm, 0, 'industry_information__key_energy_user') < 0.35 * exp(0.4 * w.log_size)
)

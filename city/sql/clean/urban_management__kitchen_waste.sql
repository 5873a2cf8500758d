-- One row per restaurant, hotel or canteen and month; the weight follows what was sold.
SELECT firm AS _firm, known(month) AS _known_on, 'CC' || digits8(firm, 503) AS collection_no, usci,
       name_on(month, renamed_on, old_name, name) AS firm_name, month AS period, (greatest(1, least(31, 8 + sales_fen // 400000)))::BIGINT AS trip_count,
       (round(sales_fen / 11000.0 * exp(0.12 * z(firm, t, 'urban_management__kitchen_waste.weight')), 1))::DOUBLE AS weight_kg,
       (round(sales_fen / 240000.0, 1))::DOUBLE AS oil_kg
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section = 'H' AND m.sales_fen > 0
      AND u(m.firm, 0, 'urban_management__kitchen_waste') < CASE w.kind WHEN 'enterprise' THEN 0.85 ELSE 0.5 END
      AND u(m.firm, m.t, 'urban_management__kitchen_waste.skip') < 0.97
)

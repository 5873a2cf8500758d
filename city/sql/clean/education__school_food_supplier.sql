-- One row per supplier, term and batch of schools.
SELECT firm AS _firm, known(on_day) AS _known_on, 'XYPS' || y || term || digits8(firm, 367) AS contract_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE industry_code
           WHEN 'F5111' THEN '粮油米面'
           WHEN 'C1311' THEN '粮油米面'
           WHEN 'F5123' THEN '蔬菜水果'
           WHEN 'F5212' THEN '副食调料'
           ELSE '肉类' END AS goods,
       (1 + pick(24, firm, y * 2 + term, 'education__school_food_supplier.schools'))::BIGINT AS school_count, yuan(price_fen) AS amount_yuan,
       on_day AS begins_on, (on_day + INTERVAL 5 MONTH)::DATE AS ends_on, (round(greatest(0, least(100, points)), 1))::DOUBLE AS score,
       (whole(0.25 * exp(-0.7 * h), firm, t, 'education__school_food_supplier.incidents'))::BIGINT AS incident_count
FROM (
    SELECT w.*, y, term, m.h, m.t, make_date(y, CASE term WHEN 1 THEN 3 ELSE 9 END, 1) AS on_day,
           round(w.base_sales * (0.1 + 0.5 * u(w.firm, y * 2 + term, 'education__school_food_supplier.amount')))::BIGINT AS price_fen, 60 + 8 * greatest(-3, least(3, m.h)) + 16 * u(w.firm, y * 2 + term, 'education__school_food_supplier.score') AS points
    FROM who w CROSS JOIN range(2022, 2031) r(y) CROSS JOIN range(1, 3) s(term) JOIN firm_month m USING (firm)
    WHERE m.t = (y - 2022) * 12 + CASE term WHEN 1 THEN 2 ELSE 8 END AND w.kind = 'enterprise'
      AND w.industry_code IN ('F5111', 'F5123', 'C1311', 'C1353', 'A0313', 'F5212')
      AND u(w.firm, 0, 'education__school_food_supplier') < 0.12 * exp(0.4 * w.mu)
      AND u(w.firm, y * 2 + term, 'education__school_food_supplier.won') < 0.7
)

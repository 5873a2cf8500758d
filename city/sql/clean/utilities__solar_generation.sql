-- One row per station and month, of works with a roof of their own.
SELECT firm AS _firm, known(month) AS _known_on, usci, name_on(month, renamed_on, old_name, name) AS firm_name,
       'GF' || digits8(firm, 35748941) AS station_no, month AS period, capacity AS capacity_kw, generated AS generated_kwh,
       generated * fed // 100 AS fed_in_kwh, yuan((generated * fed // 100) * 38) AS settled_yuan
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount,
           (100 + 50 * pick(30, m.firm, 0, 'solar_generation.capacity')) AS capacity, (40 + pick(50, m.firm, 0, 'solar_generation.fed')) AS fed, round((100 + 50 * pick(30, m.firm, 0, 'solar_generation.capacity')) * [55, 62, 88, 105, 118, 108, 120, 122, 98, 82, 62, 52][month(m.month)] * exp(0.08 * z(m.firm, m.t, 'solar_generation.sun')))::BIGINT AS generated
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'A') AND m.month >= w.born + 700 AND u(w.firm, 0, 'owns.land') < 0.5
      AND u(m.firm, 0, 'solar_generation') < 0.06
)

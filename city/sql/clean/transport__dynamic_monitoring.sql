-- One row per carrier and month: how many of its vehicles were on the road.
SELECT firm AS _firm, known(month) AS _known_on, usci, name_on(month, renamed_on, old_name, name) AS firm_name, month AS period,
       fleet::BIGINT AS fleet_count, floor(fleet * active)::BIGINT AS online_count, (round(fleet * active * 6500))::DOUBLE AS mileage_km,
       (round(least(100, 94 + 3 * u(firm, t, 'transport__dynamic_monitoring.track') + h), 2))::DOUBLE AS track_pct,
       (whole(fleet * active * exp(-0.3 * h), firm, t, 'transport__dynamic_monitoring.speeding'))::BIGINT AS speeding_count,
       (whole(0.4 * fleet * active * exp(-0.3 * h), firm, t, 'transport__dynamic_monitoring.fatigue'))::BIGINT AS fatigue_count
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount,
           greatest(1, floor(w.base_sales / 9000000.0)::BIGINT) AS fleet,
           least(1.0, greatest(0.0, 0.82 * least(1.15, m.sales_fen / w.base_sales) + 0.05 * z(m.firm, m.t, 'transport__dynamic_monitoring.active'))) AS active
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section = 'G' AND w.kind = 'enterprise' AND u(m.firm, 0, 'transport__dynamic_monitoring') < 0.85
)

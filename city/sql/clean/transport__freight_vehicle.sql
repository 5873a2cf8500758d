-- One row per goods vehicle of a carrier, again when it leaves the trade.
SELECT firm AS _firm, unnest(versions(on_day, retired)) AS _known_on,
       '皖交运管六字' || digits8(firm, 37) || lpad(k::VARCHAR, 2, '0') || '号' AS permit_no, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       '皖N' || upper(lpad(to_base(pick(60466176, firm, k, 'transport.plate'), 36), 5, '0')) AS plate_no,
       one_of(['重型半挂牵引车', '重型自卸货车', '重型仓栅式货车', '中型厢式货车', '轻型厢式货车'], firm, k, 'transport__freight_vehicle.kind') AS vehicle_kind,
       (one_of([40.0, 31.0, 18.0, 9.9, 1.5], firm, k, 'transport__freight_vehicle.kind'))::DOUBLE AS load_t,
       (one_of([3, 4, 4, 2, 2], firm, k, 'transport__freight_vehicle.kind'))::BIGINT AS axle_count,
       CASE WHEN on_day >= DATE '2021-07-01' THEN '国六' WHEN on_day >= DATE '2017-07-01' THEN '国五' ELSE '国四' END AS engine_standard, on_day AS issued_on,
       told(retired, _known_on) AS retired_on
FROM (
    SELECT w.*, k, (born + 30 + pick(900, firm, k, 'transport__freight_vehicle.day')::INTEGER)::DATE AS on_day,
           CASE WHEN died_on IS NOT NULL THEN died_on + 10
                WHEN u(firm, k, 'transport__freight_vehicle.sold') < 0.25 * exp(-0.5 * mu) THEN born + 1500 + pick(2500, firm, k, 'transport__freight_vehicle.sold.on')::INTEGER END::DATE AS retired
    FROM who w CROSS JOIN range(0, 20) r(k)
    WHERE (section = 'G' OR (kind = 'enterprise' AND industry_code IN ('F5165', 'C3021', 'F5111', 'C1311') AND u(firm, 0, 'transport__freight_vehicle') < 0.3))
      AND k < CASE WHEN kind = 'individual' THEN 1 + pick(2, firm, 0, 'transport__freight_vehicle.few') ELSE greatest(1, least(20, floor(base_sales / 9000000.0 * (0.5 + u(firm, 0, 'transport__freight_vehicle.fleet'))))) END
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived())) AND (retired IS NULL OR retired > greatest(on_day, DATE '2021-01-01'))

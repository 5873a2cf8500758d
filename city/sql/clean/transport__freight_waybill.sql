-- One row per waybill carried; a carrier's waybills follow its sales.
SELECT firm AS _firm, known(on_day) AS _known_on, 'YD' || strftime(on_day, '%y%m') || digits8(firm, 53) || lpad(k::VARCHAR, 4, '0') AS waybill_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       '皖N' || upper(lpad(to_base(pick(60466176, firm, vehicle, 'transport.plate'), 36), 5, '0')) AS plate_no,
       one_of(['矿建材料', '水泥', '粮食', '轻工医药产品', '钢铁', '机械设备', '农林牧渔业产品', '其他'], firm, t * 60 + k, 'transport__freight_waybill.cargo') AS cargo,
       tonnes::DOUBLE AS weight_t, km::DOUBLE AS distance_km,
       yuan(round(km * tonnes * (24 + pick(18, firm, t * 60 + k, 'transport__freight_waybill.rate')))::BIGINT) AS freight_yuan, on_day AS loaded_on,
       (on_day + 1 + (km // 600)::INTEGER)::DATE AS unloaded_on
FROM (
    SELECT w.*, m.t, k, (m.month + pick(27, m.firm, m.t * 60 + k, 'transport__freight_waybill.day')::INTEGER)::DATE AS on_day,
           (60 + pick(940, m.firm, m.t * 60 + k, 'transport__freight_waybill.km')) AS km, (3 + pick(290, m.firm, m.t * 60 + k, 'transport__freight_waybill.load') // 10.0) AS tonnes,
           -- One of the vehicles that transport__freight_vehicle.sql lists for the firm.
           pick(CASE w.kind WHEN 'individual' THEN 1 ELSE greatest(1, least(20, floor(w.base_sales / 9000000.0 * 0.5)))::BIGINT END, m.firm, m.t * 60 + k, 'transport__freight_waybill.which') AS vehicle
    FROM firm_month m JOIN who w USING (firm)
    CROSS JOIN range(0, 60) r(k)
    WHERE w.section = 'G' AND m.t >= 6 AND u(m.firm, 0, 'transport__freight_waybill.platform') < 0.5 AND k < least(60, m.sales_fen // 1600000)
)

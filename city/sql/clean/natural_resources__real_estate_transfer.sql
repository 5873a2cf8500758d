-- One row per building that a firm sold: the same sales that end a right in the register of rights.
SELECT firm AS _firm, known(sold) AS _known_on, usci, name_on(sold, renamed_on, old_name, name) AS firm_name,
       strftime(sold, '%Y%m%d') || digits8(firm, 4221411) || k AS business_no,
       division_code || left(digits8(firm, 7448956), 3) || '001GB' || right(digits8(firm, 7448956), 5) || 'F000' || (10000 + k) AS unit_no,
       one_of(['企业', '企业', '企业', '个人', '个人'], firm, k, 'real_estate_transfer.buyer_kind') AS buyer_kind,
       one_of(['买卖', '买卖', '买卖', '买卖', '买卖', '买卖', '买卖', '买卖', '司法裁定', '司法裁定', '作价入股', '企业合并分立'], firm, k, 'real_estate_transfer.reason') AS reason,
       yuan(round(exp(6.7 + 0.5 * log_size + 0.6 * z(firm, k, 'house.area')) * 2600)::BIGINT * 100) AS price_yuan,
       round(exp(6.7 + 0.5 * log_size + 0.6 * z(firm, k, 'house.area')), 2)::DOUBLE AS area_sqm, sold AS registered_on
FROM (
    SELECT *, (DATE '2022-02-01' + pick(1650, firm, k, 'house.sold.on')::INTEGER)::DATE AS sold
    FROM (
        SELECT w.*, k, (born + 400 + pick(900, w.firm, k, 'house.day')::INTEGER)::DATE AS issued_on
        FROM who w CROSS JOIN range(4) r(k)
        WHERE w.kind = 'enterprise' AND u(w.firm, k, 'house') < 0.55 AND u(w.firm, k, 'house.sold') < 0.06 - 0.02 * greatest(-2, least(2, w.mu))
          AND u(w.firm, 0, 'owns.land') < CASE w.section WHEN 'C' THEN 0.32 WHEN 'G' THEN 0.12 WHEN 'A' THEN 0.10 WHEN 'H' THEN 0.08 ELSE 0.05 END * exp(0.5 * w.log_size)
    )
)
WHERE sold > issued_on + 100 AND sold <= least(last_day_lived(), coalesce(died_on - 1, last_day_lived()))

-- One row per firm and year in the reserve.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, y AS reserve_year,
       one_of(['北交所', '北交所', '创业板', '创业板', '主板', '科创板', '新三板', '新三板', '新三板', '区域性股权市场', '区域性股权市场', '区域性股权市场', '区域性股权市场', '区域性股权市场', '区域性股权市场', '区域性股权市场', '区域性股权市场', '区域性股权市场', '区域性股权市场'], firm, 0, 'listing_reserve.board') AS board,
       CASE WHEN strength > 1.8 THEN one_of(['股改', '辅导备案', '已挂牌'], firm, y, 'listing_reserve.stage') ELSE one_of(['培育', '培育', '培育', '培育', '培育', '股改'], firm, y, 'listing_reserve.stage') END AS stage,
       CASE WHEN strength > 1.8 THEN one_of(['国元证券', '华安证券', '国投证券'], firm, 0, 'listing_reserve.sponsor') END AS sponsor,
       wan(round(base_sales * 12 * exp(0.5 * strength))::BIGINT) AS revenue_wan,
       wan(round(base_sales * 12 * exp(0.5 * strength) * (0.05 + 0.03 * h))::BIGINT) AS profit_wan
FROM (
    SELECT w.*, y, health.h, health.strength, (make_date(y + 1, 3, 1) + pick(30, w.firm, y, 'listing_reserve.day')::INTEGER)::DATE AS on_day
    FROM who w CROSS JOIN range(2020, 2026) r(y)
    JOIN health ON health.firm = w.firm AND health.t = (y - 2022) * 12 + 11
    WHERE w.kind = 'enterprise'
      AND w.log_size > 0.8 AND health.strength > 0.3 AND w.section IN ('C', 'I', 'F', 'A')
      AND year(w.born) <= y AND (w.died_on IS NULL OR w.died_on > make_date(y + 1, 3, 1))
      AND u(w.firm, 0, 'listing_reserve') < 0.25 * exp(0.2 * w.mu)
)
WHERE on_day <= last_day_lived()

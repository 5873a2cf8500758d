-- One row per lease of state property, again when it is given up early.
SELECT firm AS _firm, unnest(versions(on_day, CASE WHEN left_day > on_day THEN left_day END)) AS _known_on,
       'GZZL' || digits8(firm, 457) || lpad(k::VARCHAR, 2, '0') AS contract_no, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       county_name || one_of(['国有资产运营有限公司', '城市建设投资有限公司', '供销合作社', '机关事务管理中心'], firm, 0, 'state_assets__leased_property.owner') AS owner,
       county_name || one_of(['解放路', '人民路', '梅山路', '皖西大道', '振兴路'], firm, 0, 'state_assets__leased_property.road') || (1 + pick(300, firm, 0, 'state_assets__leased_property.door')) || '号' AS address,
       (10 * (2 + floor(rent_fen / 4000000.0)))::DOUBLE AS area_m2, yuan(rent_fen) AS rent_yuan, on_day AS begins_on, on_day + 1094 AS ends_on,
       told(CASE WHEN left_day > on_day THEN left_day END, _known_on) AS left_on
FROM (
    SELECT w.*, k, (DATE '2019-03-01' + (1095 * k)::INTEGER + pick(900, w.firm, 0, 'state_assets__leased_property.day')::INTEGER)::DATE AS on_day,
           round(w.base_sales * 12 * (0.01 + 0.04 * u(w.firm, 0, 'state_assets__leased_property.rent')))::BIGINT AS rent_fen,
           CASE WHEN u(w.firm, k, 'state_assets__leased_property.left') < logistic(-2.3 - 0.9 * w.mu) THEN (DATE '2019-03-01' + (1095 * k)::INTEGER + 960 + pick(120, w.firm, k, 'state_assets__leased_property.left.on')::INTEGER)::DATE END AS left_day
    FROM who w CROSS JOIN range(0, 3) r(k)
    WHERE u(w.firm, 0, 'state_assets__leased_property') < CASE WHEN w.section IN ('F', 'H', 'O', 'L') THEN 0.07 ELSE 0.03 END
      AND (k = 0 OR u(w.firm, k, 'state_assets__leased_property.again') < 0.8)
)
WHERE on_day > born AND on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived()))

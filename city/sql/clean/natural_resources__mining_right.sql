-- One row per licence of a firm that digs for stone or cement.
SELECT firm AS _firm, known(issued_on) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       'C' || division_code || strftime(issued_on, '%Y%m') || '71' || digits8(firm, 73523703) AS licence_no,
       trade || one_of(['采石场', '建筑石料矿', '砖瓦用粘土矿', '铁矿'], firm, 0, 'mining_right.mine_name') AS mine_name,
       one_of(['建筑用石料', '建筑用石料', '建筑用石料', '建筑用石料', '水泥用灰岩', '水泥用灰岩', '铁矿', '砖瓦用页岩'], firm, 0, 'mining_right.mineral') AS mineral,
       ((5 + pick(196, firm, k, 'mining_right.output_wan_t')))::DOUBLE AS output_wan_t,
       round(0.03 + 1.2 * u(firm, 0, 'mining_right.area'), 4)::DOUBLE AS area_sqkm, issued_on AS valid_from, valid_until
FROM (
    SELECT w.*, k, (born + 300 + pick(180, w.firm, k, 'mining_right.day')::INTEGER + to_years(5 * k::INTEGER))::DATE AS issued_on,
           (issued_on + INTERVAL 5 YEAR - INTERVAL 1 DAY)::DATE AS valid_until
    FROM who w CROSS JOIN range(5) r(k)
    WHERE w.kind = 'enterprise'
      AND w.industry_code IN ('C3021', 'F5165')
      AND u(w.firm, 0, 'mining_right') < 0.1 * exp(0.1 * w.mu)
      AND (k = 0 OR u(w.firm, k, 'mining_right.renewed') < 0.93)
)
WHERE issued_on BETWEEN DATE '2015-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

-- One row per vehicle of an enterprise, again when it is sold or scrapped: hauliers have several.
SELECT firm AS _firm, unnest(versions(issued_on, ended)) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       '皖' || CASE left(division_code, 4) WHEN '3415' THEN 'N' ELSE 'K' END || digits8(firm, 75109905) || k AS plate_no,
       CASE section WHEN 'G' THEN one_of(['重型货车', '重型货车', '重型货车', '重型货车', '重型货车', '轻型货车', '轻型货车', '小型客车'], firm, k, 'vehicle.vehicle_kind') WHEN 'E' THEN one_of(['专项作业车', '专项作业车', '轻型货车', '轻型货车', '小型客车'], firm, k, 'vehicle.vehicle_kind') ELSE one_of(['小型客车', '小型客车', '小型客车', '小型客车', '轻型货车'], firm, k, 'vehicle.vehicle_kind') END AS vehicle_kind,
       CASE section WHEN 'G' THEN '营运' ELSE '非营运' END AS use_kind,
       one_of(['江淮', '福田', '解放', '东风', '比亚迪', '大众'], firm, k, 'vehicle.brand') || '牌' AS brand, issued_on AS registered_on,
       (date_trunc('month', _known_on) + to_months(pick(12, firm, k, 'vehicle.inspected')::INTEGER + 1))::DATE AS inspected_until,
       CASE WHEN u(firm, k, 'vehicle.mortgaged') < 0.3 - 0.05 * greatest(-2, least(2, mu)) THEN '是' ELSE '否' END AS mortgaged,
       CASE WHEN told(ended, _known_on) IS NOT NULL THEN '注销' ELSE '正常' END AS state, told(ended, _known_on) AS scrapped_on
FROM (
    SELECT *, CASE WHEN ended_drawn > issued_on + 100 AND (died_on IS NULL OR ended_drawn < died_on) THEN ended_drawn ELSE died_on END AS ended
    FROM (
        SELECT w.*, k, (born + 120 + 200 * k::INTEGER + pick(300, w.firm, k, 'vehicle.day')::INTEGER)::DATE AS issued_on,
               CASE WHEN u(w.firm, k, 'vehicle.sold') < 0.15 - 0.04 * greatest(-2, least(2, w.mu)) THEN (DATE '2022-02-01' + pick(1680, w.firm, k, 'vehicle.sold.on')::INTEGER)::DATE END AS ended_drawn
        FROM who w CROSS JOIN range(8) r(k)
        WHERE w.kind = 'enterprise' AND u(w.firm, k, 'vehicle') < CASE w.section WHEN 'G' THEN 0.7 WHEN 'E' THEN 0.3 WHEN 'C' THEN 0.22 ELSE 0.10 END * exp(0.35 * w.log_size) * power(0.93, k)
    )
)
WHERE issued_on <= least(last_day_lived(), coalesce(died_on - 1, last_day_lived()))

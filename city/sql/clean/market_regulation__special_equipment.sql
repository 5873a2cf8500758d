-- One row per piece of equipment when it is registered, again when it is scrapped.
SELECT firm AS _firm, unnest(versions(issued_on, scrapped)) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       one_of(['容15', '梯11', '起17', '车11', '锅10'], firm, k, 'special_equipment.kind') || '皖N' || digits8(firm, 13399508) || k AS certificate_no,
       one_of(['压力容器', '电梯', '起重机械', '场（厂）内专用机动车辆', '锅炉'], firm, k, 'special_equipment.kind') AS equipment_kind,
       '3110' || division_code || strftime(issued_on, '%Y') || digits8(firm, 13399508) || k AS equipment_code,
       one_of(['合肥', '杭州', '常州', '徐州'], firm, k, 'special_equipment.maker') || one_of(['起重设备', '压力容器', '电梯', '叉车'], firm, k, 'special_equipment.maker2') || '有限公司' AS maker,
       issued_on AS registered_on, (_known_on + 30 + pick(330, firm, k, 'special_equipment.next')::INTEGER)::DATE AS next_inspection_on,
       CASE WHEN told(scrapped, _known_on) IS NOT NULL THEN '报废' ELSE one_of(['在用', '在用', '在用', '在用', '在用', '在用', '在用', '在用', '在用', '在用', '在用', '在用', '停用'], firm, k, 'special_equipment.state') END AS state,
       told(scrapped, _known_on) AS scrapped_on
FROM (
    SELECT *, CASE WHEN scrap_drawn > issued_on + 300 THEN scrap_drawn END AS scrapped
    FROM (
        SELECT w.*, k, (born + 100 + 250 * k::INTEGER + pick(200, w.firm, k, 'special_equipment.day')::INTEGER)::DATE AS issued_on,
               CASE WHEN u(w.firm, k, 'special_equipment.scrapped') < 0.1 THEN (DATE '2022-03-01' + pick(1600, w.firm, k, 'special_equipment.scrapped.on')::INTEGER)::DATE END AS scrap_drawn
        FROM who w CROSS JOIN range(5) r(k)
        WHERE w.kind = 'enterprise' AND w.section IN ('C', 'G', 'H', 'F', 'E') AND u(w.firm, k, 'special_equipment') < CASE w.section WHEN 'C' THEN 0.40 WHEN 'H' THEN 0.20 WHEN 'G' THEN 0.20 ELSE 0.06 END * exp(0.4 * w.log_size)
    )
)
WHERE issued_on <= least(last_day_lived(), coalesce(died_on, last_day_lived()))

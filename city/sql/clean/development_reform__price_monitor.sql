-- One row per county, goods and week.
SELECT NULL::BIGINT AS _firm, known(on_day) AS _known_on, code AS division_code, goods, on_day AS surveyed_on, unit_text, yuan(price_fen) AS price_yuan,
       CASE WHEN no <= 8 THEN '农贸市场' WHEN no IN (9, 10, 14) THEN '加油（气）站' ELSE '批发市场' END AS place
FROM (
    SELECT c.*, g.no, g.goods, g.unit_text, g.base, week, (DATE '2022-01-05' + (7 * week)::INTEGER)::DATE AS on_day,
           round(g.base * exp(0.10 * sin(week / 8.3 + g.no) + 0.03 * z(week, g.no, 'development_reform__price_monitor') + 0.02 * z(week * 100 + g.no, 1, 'development_reform__price_monitor' || c.code)))::BIGINT AS price_fen
    FROM county c CROSS JOIN range(0, (last_day_lived() - DATE '2022-01-05') // 7 + 1) r(week) CROSS JOIN (VALUES (1, '粳米', '元/500克', 285), (2, '面粉', '元/500克', 260), (3, '菜籽油', '元/5升', 7500), (4, '精瘦肉', '元/500克', 1650),
        (5, '鸡蛋', '元/500克', 520), (6, '大白菜', '元/500克', 180), (7, '西红柿', '元/500克', 380), (8, '草鱼', '元/500克', 950), (9, '92号汽油', '元/升', 785), (10, '0号柴油', '元/升', 745),
        (11, '螺纹钢', '元/吨', 382000), (12, '普通水泥', '元/吨', 36000), (13, '六安瓜片（一级）', '元/500克', 24000), (14, '液化石油气', '元/15公斤', 11500)) g(no, goods, unit_text, base)
)

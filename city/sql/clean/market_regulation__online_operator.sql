-- One row per online shop, again when it is closed.
SELECT firm AS _firm, unnest(versions(issued_on, ended)) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       'WD3415' || digits8(firm, 48109626) || k AS shop_id,
       CASE section WHEN 'H' THEN '外卖平台' ELSE one_of(['综合电商平台', '综合电商平台', '综合电商平台', '综合电商平台', '直播电商平台', '直播电商平台', '自建网站'], firm, k, 'online_operator.platform') END AS platform,
       trade || one_of(['旗舰店', '专营店', '商行', '官方店'], firm, k, 'online_operator.shop_name') AS shop_name, words[1] AS category, issued_on AS opened_on,
       CASE WHEN told(ended, _known_on) IS NOT NULL THEN '关闭' ELSE '营业' END AS state, told(ended, _known_on) AS closed_on
FROM (
    SELECT w.*, 0 AS k, (born + 60 + pick(180, w.firm, 0, 'online_operator.day')::INTEGER)::DATE AS issued_on,
           CASE WHEN u(w.firm, 0, 'online_operator.ended') < 0.25 THEN least(coalesce(w.died_on, DATE '2100-01-01'), greatest(issued_on + 60, DATE '2022-02-01' + pick(1650, w.firm, 0, 'online_operator.until')::INTEGER)) ELSE w.died_on END AS ended
    FROM who w
    WHERE w.industry_code IN ('F5292', 'C1530', 'F5226', 'F5232', 'H6210', 'H6291')
      AND u(w.firm, 0, 'online_operator') < 0.5
)
WHERE issued_on BETWEEN DATE '2015-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

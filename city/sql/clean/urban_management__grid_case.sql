-- One row per case reported, again when it is closed late; two cases for every firm and three years.
SELECT NULL::BIGINT AS _firm, unnest(versions(on_day, closed)) AS _known_on, 'AJ' || digits8(id, 499) AS case_no, code AS division_code,
       CASE WHEN u(id, 0, 'urban_management__grid_case.kind') < 0.3 THEN '部件' ELSE '事件' END AS kind,
       CASE WHEN u(id, 0, 'urban_management__grid_case.kind') < 0.3 THEN one_of(['井盖破损', '路灯不亮', '护栏缺失', '行道树倾倒', '交通标志破损'], id, 0, 'urban_management__grid_case.detail')
           ELSE one_of(['暴露垃圾', '店外经营', '非法小广告', '违章停车', '道路遗撒', '占道施工'], id, 0, 'urban_management__grid_case.detail') END AS detail,
       one_of(['监督员上报', '监督员上报', '视频智能识别', '公众举报', '部门转办'], id, 0, 'urban_management__grid_case.source') AS source, on_day AS reported_on,
       told(closed, _known_on) AS closed_on, CASE WHEN u(id, 0, 'urban_management__grid_case.slow') < 0.08 THEN '是' ELSE '否' END AS overdue
FROM (
    SELECT c.*, id, on_day, (on_day + CASE WHEN u(id, 0, 'urban_management__grid_case.slow') < 0.08 THEN 60 + pick(120, id, 0, 'urban_management__grid_case.days') ELSE 1 + pick(9, id, 0, 'urban_management__grid_case.days') END::INTEGER)::DATE AS closed
    FROM (SELECT id, (DATE '2022-01-01' + pick(2556, id, 0, 'urban_management__grid_case.day')::INTEGER)::DATE AS on_day, u(id, 0, 'urban_management__grid_case.county') AS place FROM range(1, 5 * firms() + 1) t(id)) s
    JOIN county c ON place BETWEEN c.low AND c.high
    WHERE on_day <= last_day_lived()
)

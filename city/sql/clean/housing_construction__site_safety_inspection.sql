-- One row per inspection of a site, again when what was found has been put right.
SELECT firm AS _firm, unnest(versions(on_day, corrected)) AS _known_on, 'AJ' || strftime(on_day, '%y%m') || digits8(firm, 131) AS notice_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       county_name || one_of(['安置小区', '产业园标准厂房', '中心校综合楼', '道路改造', '农贸市场'], firm, t // 6, 'housing_construction__site_safety_inspection.what') || '工程' AS project_name,
       on_day AS inspected_on, found::BIGINT AS hazard_count,
       CASE WHEN found = 0 THEN '无' WHEN found > 5 THEN '停工整改' ELSE '限期整改' END AS order_kind, county_name || '建设工程质量安全监督站' AS inspector_unit,
       told(corrected, _known_on) AS corrected_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'housing_construction__site_safety_inspection.day')::INTEGER)::DATE AS on_day,
           whole(2.2 * exp(-0.35 * m.h), m.firm, m.t, 'housing_construction__site_safety_inspection.found') AS found,
           CASE WHEN u(m.firm, m.t, 'housing_construction__site_safety_inspection.corrected') < logistic(2.0 + 0.7 * m.h) THEN (m.month + 30 + pick(90, m.firm, m.t, 'housing_construction__site_safety_inspection.days')::INTEGER)::DATE END AS corrected
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section = 'E' AND m.sales_fen > 0 AND u(m.firm, m.t, 'housing_construction__site_safety_inspection') < 0.10
)

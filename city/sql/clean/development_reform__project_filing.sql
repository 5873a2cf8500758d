-- One row per project filed, again when work on it begins.
SELECT firm AS _firm, unnest(versions(on_day, begun)) AS _known_on,
       strftime(on_day, '%y%m') || '-' || division_code || '-04-01-' || digits8(firm, 431) AS project_code, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       trade || word || one_of(['厂房建设', '仓储物流', '设备购置', '门店装修', '研发中心', '冷链建设', '屋顶光伏发电'], firm, t, 'development_reform__project_filing.what') || '项目' AS project_name,
       industry_code AS industry, wan(invest_fen) AS invest_wan,
       wan(invest_fen * (30 + pick(60, firm, t, 'development_reform__project_filing.own')) // 100) AS own_wan,
       '新建及改造面积' || (200 + 100 * pick(90, firm, t, 'development_reform__project_filing.area')) || '平方米' AS content, division_code, on_day AS filed_on,
       told(begun, _known_on) AS begun_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'development_reform__project_filing.day')::INTEGER)::DATE AS on_day,
           round(w.base_sales * (2 + 14 * u(m.firm, m.t, 'development_reform__project_filing.invest')))::BIGINT AS invest_fen,
           CASE WHEN u(m.firm, m.t, 'development_reform__project_filing.begun') < logistic(0.3 + 0.8 * m.h) THEN (m.month + 90 + pick(400, m.firm, m.t, 'development_reform__project_filing.days')::INTEGER)::DATE END AS begun
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND u(m.firm, m.t, 'development_reform__project_filing') < 0.0045 * exp(0.45 * m.h + 0.25 * w.log_size)
)

-- One row per project filed, again when it goes into operation.
SELECT firm AS _firm, unnest(versions(on_day, finished)) AS _known_on,
       strftime(on_day, '%y%m') || '-' || division_code || '-07-02-' || digits8(firm, 199) AS project_code, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       trade || word || one_of(['生产线智能化改造', '年产能扩建', '设备更新', '节能降碳改造', '数字化车间建设'], firm, t, 'industry_information__renovation_project.what') || '项目' AS project_name,
       wan(invest_fen) AS invest_wan,
       wan(invest_fen * (40 + pick(45, firm, t, 'industry_information__renovation_project.equipment')) // 100) AS equipment_wan,
       (round(invest_fen / 100000000.0 * 12 * u(firm, t, 'industry_information__renovation_project.energy'), 1))::DOUBLE AS energy_saving_tce,
       on_day AS filed_on, told(finished, _known_on) AS finished_on, division_code
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'industry_information__renovation_project.day')::INTEGER)::DATE AS on_day,
           round(w.base_sales * (1 + 10 * u(m.firm, m.t, 'industry_information__renovation_project.invest')))::BIGINT AS invest_fen,
           CASE WHEN u(m.firm, m.t, 'industry_information__renovation_project.finished') < logistic(0.6 + 0.7 * m.h) THEN (m.month + 250 + pick(600, m.firm, m.t, 'industry_information__renovation_project.days')::INTEGER)::DATE END AS finished
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section = 'C'
      AND u(m.firm, m.t, 'industry_information__renovation_project') < 0.008 * exp(0.45 * m.h + 0.3 * w.log_size)
)

-- One row per building completed; the weak finish later or never.
SELECT firm AS _firm, known(on_day) AS _known_on, 'JGBA' || strftime(on_day, '%Y%m') || digits8(firm, 109) AS filing_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       county_name || one_of(['安置小区', '产业园标准厂房', '中心校综合楼', '农贸市场', '卫生院业务用房'], firm, t, 'housing_construction__completion_filing.what') || (1 + pick(12, firm, t, 'housing_construction__completion_filing.part')) || '号楼' AS project_name,
       (50 * (6 + pick(500, firm, t, 'housing_construction__completion_filing.area')))::DOUBLE AS area_m2, on_day - 20 - delay AS planned_on,
       on_day - 12 AS accepted_on, delay::BIGINT AS delay_days,
       CASE WHEN h + z(firm, t, 'housing_construction__completion_filing.quality') > 1.2 THEN '优良' ELSE '合格' END AS quality_grade, on_day AS filed_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'housing_construction__completion_filing.day')::INTEGER)::DATE AS on_day,
           floor(greatest(0, 60 * exp(-0.6 * m.h) * (u(m.firm, m.t, 'housing_construction__completion_filing.delay') - 0.35)))::INTEGER AS delay
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section = 'E'
      AND u(m.firm, m.t, 'housing_construction__completion_filing') < least(0.5, 0.026 * exp(0.5 * m.h + 0.3 * w.log_size))
)

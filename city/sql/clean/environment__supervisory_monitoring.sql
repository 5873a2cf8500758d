-- One row per measurement at a firm with a permit.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       'JC' || strftime(on_day, '%Y%m') || digits8(firm, 71746451) AS sample_no,
       one_of(['废水', '废水', '废水', '废气', '废气', '废气', '废气', '噪声'], firm, t, 'supervisory_monitoring.medium') AS medium,
       CASE one_of(['废水', '废水', '废水', '废气', '废气', '废气', '废气', '噪声'], firm, t, 'supervisory_monitoring.medium') WHEN '废水' THEN one_of(['化学需氧量', '化学需氧量', '氨氮', '总磷'], firm, t, 'supervisory_monitoring.pollutant') WHEN '废气' THEN one_of(['颗粒物', '颗粒物', '二氧化硫', '非甲烷总烃'], firm, t, 'supervisory_monitoring.pollutant') ELSE '等效声级' END AS pollutant,
       round(limit_value * exp(-0.75 - 0.06 * h + 0.42 * z(firm, t, 'supervisory_monitoring.value')), 2)::DOUBLE AS measured,
       limit_value::DOUBLE AS limit_value,
       CASE WHEN round(limit_value * exp(-0.75 - 0.06 * h + 0.42 * z(firm, t, 'supervisory_monitoring.value')), 2) > limit_value THEN '是' ELSE '否' END AS exceeded,
       on_day AS measured_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'supervisory_monitoring.day')::INTEGER)::DATE AS on_day,
           one_of([50, 80, 100, 120, 200], m.firm, m.t, 'supervisory_monitoring.limit')::DOUBLE AS limit_value
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND (w.section = 'C' OR w.industry_code IN ('A0313', 'O8111')) AND u(w.firm, 0, 'discharge_permit') < 0.75 AND w.log_size > -0.2
      AND u(m.firm, m.t, 'supervisory_monitoring') < 0.04
)

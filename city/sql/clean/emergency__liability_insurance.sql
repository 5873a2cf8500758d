-- One row per policy and year; firms in trouble let it lapse.
SELECT firm AS _firm, known(on_day) AS _known_on, 'AZX' || y || digits8(firm, 271) AS policy_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['示例财产保险公司六安中心支公司', '皖西示例保险公司', '大别山示例财产保险公司'], firm, 0, 'emergency__liability_insurance.insurer') AS insurer,
       (greatest(3, round(base_sales / 1000000 * people_per_wan)))::BIGINT AS insured_count,
       wan(100000000 // 100 * (40 + 20 * pick(4, firm, 0, 'emergency__liability_insurance.limit'))) AS limit_wan, yuan(premium_fen) AS premium_yuan,
       on_day AS begins_on, (on_day + INTERVAL 1 YEAR - INTERVAL 1 DAY)::DATE AS ends_on
FROM (
    SELECT w.*, y, h.h, make_date(y, 1 + pick(12, w.firm, 0, 'emergency__liability_insurance.month')::INTEGER, 1 + pick(28, w.firm, y, 'emergency__liability_insurance.day')::INTEGER) AS on_day,
           greatest(100000, round(w.base_sales * 12 * (0.0004 + 0.001 * u(w.firm, 0, 'emergency__liability_insurance.rate')) * exp(-0.1 * h.h)))::BIGINT AS premium_fen
    FROM who w CROSS JOIN range(2021, 2031) r(y) JOIN health h USING (firm)
    WHERE h.t = (y - 2022) * 12 AND w.section IN ('C', 'E', 'G') AND w.kind = 'enterprise'
      AND u(w.firm, 0, 'emergency__liability_insurance') < 0.6 AND u(w.firm, y, 'emergency__liability_insurance.renewed') < logistic(2.2 + 0.8 * h.h)
)
WHERE on_day > born AND on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived()))

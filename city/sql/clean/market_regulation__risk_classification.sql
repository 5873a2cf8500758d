-- One row per enterprise and quarter: the class of the general model of market regulation.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, on_day AS classified_on,
       CASE WHEN standing > 0.4 THEN 'A' WHEN standing > -1.1 THEN 'B' WHEN standing > -2.2 THEN 'C' ELSE 'D' END AS class,
       round(least(1000, greatest(0, 300 - 130 * standing)), 1)::DOUBLE AS score,
       CASE WHEN standing < -1.1 THEN one_of(['经营异常', '行政处罚', '年报异常', '关联企业风险', '投诉举报'], firm, q, 'risk_classification.main_factor') END AS main_factor
FROM (
    SELECT w.*, m.t // 3 AS q, last_day(m.month) AS on_day, m.strength + 0.6 * z(m.firm, m.t, 'risk_classification.standing') AS standing
    FROM firm_month m JOIN who w USING (firm) WHERE w.kind = 'enterprise' AND m.t >= 12 AND m.t % 3 = 2
)

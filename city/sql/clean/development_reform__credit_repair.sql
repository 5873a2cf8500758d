-- One row per application to have a penalty taken off the public page.
SELECT firm AS _firm, known(on_day) AS _known_on,
       'XYXF' || strftime(on_day, '%y%m') || digits8(firm * 200 + t * 2 + CASE event WHEN 'penalty' THEN 0 ELSE 1 END, 449) AS repair_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name, happened_on AS penalised_on,
       CASE event WHEN 'penalty' THEN '市场监管行政处罚' ELSE '生态环境行政处罚' END AS kind, on_day AS applied_on,
       CASE WHEN u(firm, t, 'development_reform__credit_repair.result') < 0.9 THEN '准予修复' ELSE '不予修复' END AS result, on_day + 8 AS decided_on
FROM (
    SELECT w.*, e.t, e.h, e.event, (e.happened_on + 95 + pick(240, e.firm, e.t, 'development_reform__credit_repair.day')::INTEGER)::DATE AS on_day, e.happened_on
    FROM event e JOIN who w USING (firm)
    WHERE e.event IN ('penalty', 'environment_penalty')
      AND u(e.firm, e.t, 'development_reform__credit_repair' || e.event) < logistic(-0.2 + 0.7 * e.h)
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived()))

-- One row per appeal of a firm decided.
SELECT firm AS _firm, known(on_day) AS _known_on,
       left(city_name, 1) || '复决〔' || year(on_day) || '〕' || digits8(firm * 300 + t * 3 + CASE event
           WHEN 'penalty' THEN 0
           WHEN 'tax_arrears' THEN 1
           ELSE 2 END, 419) || '号' AS case_no,
       usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       county_name || CASE event WHEN 'penalty' THEN '市场监督管理局' WHEN 'tax_arrears' THEN '税务局' ELSE '生态环境分局' END AS respondent,
       CASE event WHEN 'tax_arrears' THEN '行政征收' ELSE '行政处罚' END AS matter,
       yuan(500000 + 10000 * pick(500, firm, t, 'justice__administrative_reconsideration.amount')) AS amount_yuan,
       one_of(['维持', '维持', '维持', '撤销', '变更', '驳回', '终止'], firm, t, 'justice__administrative_reconsideration.result') AS result, on_day AS decided_on
FROM (
    SELECT w.*, e.t, e.h, e.event, (e.happened_on + 50 + pick(120, e.firm, e.t, 'justice__administrative_reconsideration.day')::INTEGER)::DATE AS on_day
    FROM event e JOIN who w USING (firm) WHERE e.event IN ('penalty', 'environment_penalty', 'tax_arrears')
      AND u(e.firm, e.t, 'justice__administrative_reconsideration' || e.event) < 0.09
)
WHERE on_day <= last_day_lived()

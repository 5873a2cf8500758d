-- One row per penalty by the environment bureau.
SELECT e.firm AS _firm, known(happened_on) AS _known_on,
       '皖' || left(city_name, 1) || '环罚〔' || year(happened_on) || '〕' || (1 + row_number() OVER (PARTITION BY year(happened_on) ORDER BY happened_on, e.firm)) || '号' AS case_no,
       usci, name_on(happened_on, renamed_on, old_name, name) AS firm_name, happened_on AS penalised_on,
       one_of(['大气污染防治类', '水污染防治类', '固体废物类', '建设项目环评类', '环境噪声类'], e.firm, e.t, 'environment.kind') AS kind,
       yuan(round(exp(14.2 + 0.7 * z(e.firm, e.t, 'environment.fine')) / 100000)::BIGINT * 100000) AS amount_yuan
FROM event e JOIN who w USING (firm) WHERE event = 'environment_penalty'

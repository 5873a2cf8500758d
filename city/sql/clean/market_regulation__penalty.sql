-- One row per administrative penalty by market regulation.
SELECT e.firm AS _firm, known(happened_on) AS _known_on,
       left(county_name, 2) || '市监罚〔' || year(happened_on) || '〕' || (100 + row_number() OVER (PARTITION BY division_code, year(happened_on) ORDER BY happened_on, e.firm)) || '号' AS case_no,
       usci, name_on(happened_on, renamed_on, old_name, name) AS firm_name, happened_on AS penalised_on, kind_drawn AS kind,
       CASE WHEN kind_drawn <> '警告' THEN yuan(round(exp(12.3 + 0.9 * z(e.firm, e.t, 'fine')) / 10000)::BIGINT * 10000) END AS amount_yuan,
       county_name || '市场监督管理局' AS authority
FROM (SELECT *, one_of(['警告', '罚款', '罚款', '没收违法所得、罚款', '责令停产停业、罚款'], firm, t, 'penalty.kind') AS kind_drawn FROM event WHERE event = 'penalty') e
JOIN who w USING (firm)

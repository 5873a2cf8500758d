-- One row per seal of an enterprise, again when it is destroyed: with the firm, or when it changed its name.
SELECT firm AS _firm, unnest(versions(issued_on, ended)) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       division_code || digits8(firm, 8645008) || k AS seal_code, ['法定名称章', '财务专用章', '发票专用章', '合同专用章', '法定代表人名章'][k + 1] AS seal_kind,
       county_name || one_of(['城关', '梅山', '皖西'], firm, 0, 'seal_record.maker') || '印章服务部' AS maker,
       one_of(['光敏', '光敏', '光敏', '光敏', '光敏', '光敏', '橡胶', '橡胶', '电子印章', '电子印章', '铜'], firm, k, 'seal_record.material') AS material,
       issued_on AS made_on, told(ended, _known_on) AS destroyed_on
FROM (
    SELECT *, CASE WHEN renamed_on > issued_on AND k < 4 THEN renamed_on + 10 ELSE died_on END AS ended
    FROM (
        SELECT w.*, k, (born + 2 + 15 * k::INTEGER + pick(12, w.firm, k, 'seal_record.day')::INTEGER)::DATE AS issued_on
        FROM who w CROSS JOIN range(5) r(k) WHERE w.kind = 'enterprise' AND u(w.firm, k, 'seal_record') < [0.97, 0.9, 0.75, 0.4, 0.85][k + 1]
    )
)
WHERE issued_on <= least(last_day_lived(), coalesce(died_on - 1, last_day_lived()))

-- One row per consignment sent abroad; a month's exports are the same share of the sales as in the tax office's refunds.
SELECT firm AS _firm, known(declared) AS _known_on, usci, name_on(declared, renamed_on, old_name, name) AS firm_name,
       '3315' || year(declared) || '0' || lpad((row_number() OVER (PARTITION BY year(declared) ORDER BY declared, firm, t, k))::VARCHAR, 9, '0') AS declaration_no,
       declared AS declared_on,
       CASE left(industry_code, 3) WHEN 'A01' THEN '0902109000' WHEN 'A03' THEN '0203219000' WHEN 'A04' THEN '0303899090' WHEN 'C13' THEN '1006309090' WHEN 'C15' THEN '0902109000' WHEN 'C18' THEN '6204430000' WHEN 'C20' THEN '4418219090' WHEN 'C23' THEN '4819100000' WHEN 'C29' THEN '3923290000' WHEN 'C30' THEN '6810191000' WHEN 'C33' THEN '7308900000' WHEN 'C34' THEN '8481804090' WHEN 'C38' THEN '8544492900' WHEN 'C39' THEN '8517799000' ELSE '9505100090' END AS goods_code,
       CASE section WHEN 'A' THEN '茶叶' WHEN 'C' THEN words[1] || '制品' ELSE '日用品' END AS goods_name,
       one_of(['USA', 'USA', 'USA', 'USA', 'JPN', 'JPN', 'DEU', 'DEU', 'VNM', 'VNM', 'KOR', 'MYS', 'GBR', 'RUS'], firm, k, 'export_declaration.destination') AS destination,
       one_of(['一般贸易', '一般贸易', '一般贸易', '一般贸易', '一般贸易', '一般贸易', '一般贸易', '一般贸易', '进料加工', '来料加工', '跨境电商'], firm, 0, 'export_declaration.trade_mode') AS trade_mode,
       yuan(round(sales_fen * share / declarations * (0.7 + 0.6 * u(firm, t * 10 + k, 'export_declaration.part')))::BIGINT) AS fob_yuan,
       50 + pick(18000, firm, t * 10 + k, 'export_declaration.weight') AS weight_kg,
       one_of(['上海海关', '上海海关', '上海海关', '宁波海关', '宁波海关', '宁波海关', '合肥海关', '合肥海关', '深圳海关'], firm, k, 'export_declaration.port') AS port,
       declared + pick(3, firm, t * 10 + k, 'export_declaration.released')::INTEGER AS released_on
FROM (
    SELECT *, unnest(range(declarations)) AS k, (month + pick(26, firm, t * 10 + k, 'export_declaration.day')::INTEGER)::DATE AS declared
    FROM (
        SELECT w.*, m.t, m.month, m.sales_fen, 0.1 + 0.5 * u(m.firm, 0, 'export.share') AS share, 1 + pick(6, m.firm, m.t, 'export_declaration.n') AS declarations
        FROM firm_month m JOIN who w USING (firm)
        WHERE w.kind = 'enterprise' AND w.section IN ('A', 'C', 'F') AND m.sales_fen > 0
          AND u(m.firm, 0, 'exporter') < CASE w.section WHEN 'C' THEN 0.14 ELSE 0.04 END * exp(0.3 * w.log_size)
          AND u(m.firm, m.t, 'exports') < 0.75
    )
)

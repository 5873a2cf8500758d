-- One row per consignment from abroad.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       '3315' || year(on_day) || '1' || lpad((row_number() OVER (PARTITION BY year(on_day) ORDER BY on_day, firm))::VARCHAR, 9, '0') AS declaration_no,
       on_day AS declared_on,
       CASE section WHEN 'C' THEN one_of(['数控机床', '注塑机', '聚乙烯', '电子元件', '棉花'], firm, t, 'import_declaration.goods_name') ELSE one_of(['红酒', '化妆品', '冷冻牛肉', '奶粉'], firm, t, 'import_declaration.goods_name') END AS goods_name,
       one_of(['DEU', 'DEU', 'JPN', 'JPN', 'USA', 'KOR', 'FRA', 'AUS', 'BRA'], firm, t, 'import_declaration.origin') AS origin, yuan(cif) AS cif_yuan,
       yuan(cif * pick(12, firm, t, 'import_declaration.duty') // 100) AS duty_yuan,
       yuan(cif * (100 + pick(12, firm, t, 'import_declaration.duty')) // 100 * 13 // 100) AS vat_yuan,
       (on_day + pick(2, firm, t, 'import_declaration.released')::INTEGER)::DATE AS released_on,
       one_of(['是', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否'], firm, t, 'import_declaration.inspected') AS inspected
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'import_declaration.day')::INTEGER)::DATE AS on_day,
           greatest(100000, round(m.purchase_fen * (0.05 + 0.5 * u(m.firm, m.t, 'import_declaration.part'))))::BIGINT AS cif
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'F') AND m.purchase_fen > 0 AND u(m.firm, 0, 'importer') < 0.03 * exp(0.4 * w.log_size)
      AND u(m.firm, m.t, 'import_declaration') < 0.35
)

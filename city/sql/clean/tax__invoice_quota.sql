-- One row per taxpayer and year: the quota as adjusted in that year.
SELECT firm AS _firm, known(effective) AS _known_on, usci AS taxpayer_id, name_on(effective, renamed_on, old_name, name) AS firm_name,
       effective AS effective_on,
       CASE WHEN effective < DATE '2023-11-01' THEN one_of(['增值税专用发票', '增值税普通发票'], firm, y, 'invoice_quota.invoice_kind') ELSE one_of(['数电专票', '数电普票'], firm, y, 'invoice_quota.invoice_kind') END AS invoice_kind,
       yuan(greatest(10000000, round(base_sales * 1.6 / 5000000) * 5000000)) AS monthly_quota_yuan,
       one_of(['10000', '10000', '10000', '100000', '100000', '100000', '100000', '100000', '1000000'], firm, y, 'invoice_quota.single_limit_yuan')::DECIMAL(18, 2) AS single_limit_yuan,
       CASE WHEN h > -0.6 THEN '低' WHEN h > -1.8 THEN '中' ELSE '高' END AS risk_level
FROM (
    SELECT w.*, y, health.h, (make_date(y, 1, 4) + pick(340, w.firm, y, 'invoice_quota.day')::INTEGER)::DATE AS effective
    FROM who w CROSS JOIN range(2021, 2027) r(y) JOIN health ON health.firm = w.firm AND health.t = (y - 2022) * 12
    WHERE (w.kind = 'enterprise' OR u(w.firm, 0, 'invoice_quota.individual') < 0.35) AND (w.general_taxpayer OR u(w.firm, y, 'invoice_quota') < 0.45)
)
WHERE effective BETWEEN born + 10 AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

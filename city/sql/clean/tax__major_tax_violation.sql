-- One row per taxpayer published as grossly dishonest, again when it is taken down.
SELECT firm AS _firm, unnest(versions(on_day, withdrawn)) AS _known_on, usci AS taxpayer_id, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       head_name AS legal_person, on_day AS published_on,
       one_of(['偷税', '偷税', '偷税', '虚开增值税专用发票', '虚开增值税专用发票', '虚开增值税专用发票', '骗取出口退税', '逃避追缴欠税', '虚开普通发票', '虚开普通发票'], firm, t, 'major_tax_violation.case_kind') AS case_kind,
       strftime(on_day - 900, '%Y-%m') || '至' || strftime(on_day - 420, '%Y-%m') AS period_text,
       yuan(round(9000 * exp(0.9 * z(firm, t, 'major_tax_violation.evaded_yuan')))::BIGINT * 10000) AS evaded_yuan,
       yuan(round(5000 * exp(0.9 * z(firm, t, 'major_tax_violation.fine_yuan')))::BIGINT * 10000) AS fine_yuan,
       told(withdrawn, _known_on) AS withdrawn_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'major_tax_violation.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(m.firm, m.t, 'major_tax_violation.withdrawn') < 0.35 THEN (on_day + 200 + pick(500, m.firm, m.t, 'major_tax_violation.until')::INTEGER)::DATE END AS withdrawn
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND u(m.firm, m.t, 'major_tax_violation') < least(0.4, 0.0002 * exp(-1.1 * m.h))
)

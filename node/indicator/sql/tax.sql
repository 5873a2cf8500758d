-- What a firm declared and paid to the tax office, and how the office grades it.
-- One row per spine row; missing for a firm without rows. From linked.tax__tax_return, tax_payment, tax_grade as known on as_of; periods up to period_end.
-- A firm's row for a period and kind of tax counts once, however often and under whatever spelling of its number it was sent. Revenue
-- is what the returns of value-added tax declare, by month or by quarter; those of income tax declare the same revenue once more.
WITH payment AS (
    SELECT s.firm_id, s.as_of, p.period, p.tax_kind, max(p.paid_yuan) AS paid_yuan
    FROM spine s
    JOIN linked.tax__tax_payment p
      ON p.firm_id = s.firm_id
     AND p._known_on <= s.as_of
     AND (p._superseded_on IS NULL OR p._superseded_on > s.as_of)
     AND p.period <= s.period_end
    GROUP BY 1, 2, 3, 4
),
paid AS (
    SELECT s.firm_id, s.as_of,
           sum(CASE WHEN period >= from_12m THEN paid_yuan ELSE 0 END)                         AS yuan_12m,
           sum(CASE WHEN period >= from_24m AND period < from_12m THEN paid_yuan ELSE 0 END)   AS yuan_prior,
           datediff('month', CASE WHEN min(period) > from_24m THEN min(period) ELSE from_24m END, from_12m) AS span_prior
    FROM payment p
    JOIN spine s ON s.firm_id = p.firm_id AND s.as_of = p.as_of
    GROUP BY s.firm_id, s.as_of, s.from_12m, s.from_24m
),
return_month AS (
    SELECT s.firm_id, s.as_of, r.period, max(CASE WHEN r.period >= s.from_12m THEN r.declared_revenue_yuan ELSE 0 END) AS revenue_yuan
    FROM spine s
    JOIN linked.tax__tax_return r
      ON r.firm_id = s.firm_id
     AND r._known_on <= s.as_of
     AND (r._superseded_on IS NULL OR r._superseded_on > s.as_of)
     AND r.period <= s.period_end
     AND r.tax_kind = '增值税'
    GROUP BY 1, 2, 3
),
declared AS (
    SELECT firm_id, as_of, sum(revenue_yuan) AS yuan_12m
    FROM return_month
    GROUP BY 1, 2
),
grade_of AS (
    SELECT s.firm_id, s.as_of, g.tax_year, max(g.grade) AS grade
    FROM spine s
    JOIN linked.tax__tax_grade g
      ON g.firm_id = s.firm_id
     AND g._known_on <= s.as_of
     AND (g._superseded_on IS NULL OR g._superseded_on > s.as_of)
    GROUP BY 1, 2, 3
),
grade AS (
    SELECT firm_id, as_of, max_by(grade, tax_year) AS grade FROM grade_of GROUP BY 1, 2
)
SELECT s.firm_id,
       s.as_of,
       CASE g.grade WHEN 'A' THEN 5.0 WHEN 'B' THEN 4.0 WHEN 'M' THEN 3.0 WHEN 'C' THEN 2.0 WHEN 'D' THEN 1.0 END AS tax_grade,
       CAST(p.yuan_12m AS DOUBLE) AS tax_paid_12m,
       CAST(r.yuan_12m AS DOUBLE) AS declared_revenue_12m,
       CASE WHEN p.yuan_prior > 0 AND p.span_prior >= 6
            THEN greatest(least(p.yuan_12m / (p.yuan_prior * 12.0 / p.span_prior) - 1, 10), -1)
       END                        AS tax_growth
FROM spine s
LEFT JOIN paid p     ON p.firm_id = s.firm_id AND p.as_of = s.as_of
LEFT JOIN declared r ON r.firm_id = s.firm_id AND r.as_of = s.as_of
LEFT JOIN grade g    ON g.firm_id = s.firm_id AND g.as_of = s.as_of

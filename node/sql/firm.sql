-- The serving snapshot's firms: one row per firm of the register, with its score where it has one.
-- From entity.firm, refresh.scored (this run's scores and portraits) and refresh.figure at as_of (?1).
SELECT e.firm_id, e.usci, e.firm_name, e.kind, e.division_code, e.industry_code, e.status, e.established_on, e.legal_person, e.legal_person_id,
       s.score, s.grade, s.pd, s.limit_fen,
       s.dim_1, s.dim_2, s.dim_3, s.dim_4, s.dim_5, s.dim_6,
       s.dim_1_drivers, s.dim_2_drivers, s.dim_3_drivers, s.dim_4_drivers, s.dim_5_drivers, s.dim_6_drivers,
       s.reasons,
       f.sales_12m, f.tax_paid_12m, f.headcount, f.loan_balance, f.firm_age_months, f.sales_growth
FROM entity.firm e
LEFT JOIN refresh.scored s ON s.firm_id = e.firm_id AND s.as_of = CAST(?1 AS DATE)
LEFT JOIN refresh.figure f ON f.firm_id = e.firm_id AND f.as_of = CAST(?1 AS DATE)
ORDER BY e.firm_id

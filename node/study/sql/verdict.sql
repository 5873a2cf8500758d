-- The bank's verdicts: one row per firm of the study (425) in the order of their codes (E2 before E10); rating and outcome are NULL for the
-- 302 firms without a verdict.
SELECT f.firm_id, f.firm_code, r.bank_rating, r.defaulted
FROM entity.firm f
LEFT JOIN linked.study__rated_firm r ON r.firm_id = f.firm_id AND r._superseded_on IS NULL
WHERE f.firm_code IS NOT NULL
ORDER BY length(f.firm_code), f.firm_code

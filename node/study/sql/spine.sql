-- The firms of the study on the day of the study: one row per firm of either list (425), all windows end at the last full quarter.
CREATE OR REPLACE TABLE study_spine AS
SELECT firm_id, CAST($1 AS DATE) AS as_of, CAST($2 AS DATE) AS period_end
FROM entity.firm
WHERE firm_code IS NOT NULL

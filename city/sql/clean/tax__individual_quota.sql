-- One row per individual business and year with a quota.
SELECT firm AS _firm, known(make_date(y, 1, 1)) AS _known_on, usci AS taxpayer_id,
       name_on(make_date(y, 1, 1), renamed_on, old_name, name) AS firm_name, head_name AS operator_name, make_date(y, 1, 1) AS valid_from,
       make_date(y, 12, 31) AS valid_until, yuan(round(base_sales * exp(0.4 * h) * 0.7 / 100000)::BIGINT * 100000) AS monthly_sales_yuan,
       yuan(CASE WHEN base_sales * exp(0.4 * h) * 0.7 < 10000000 THEN 0 ELSE round(base_sales * exp(0.4 * h) * 0.7 * 0.01)::BIGINT END) AS monthly_tax_yuan,
       industry_code, one_of(['典型调查', '自报核定', '参照同业'], firm, y, 'individual_quota.method') AS method
FROM (
    SELECT w.*, y, health.h FROM who w CROSS JOIN range(2021, 2027) r(y) JOIN health ON health.firm = w.firm AND health.t = (y - 2022) * 12 - 1
    WHERE w.kind = 'individual' AND u(w.firm, 0, 'individual_quota') < 0.55 AND w.born < make_date(y, 1, 1) AND (w.died_on IS NULL OR w.died_on > make_date(y, 1, 1))
)

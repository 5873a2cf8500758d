-- One row per metered customer, again when the account is closed: the same meters whose consumption comes every month.
SELECT firm AS _firm, unnest(versions(issued_on, died_on)) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       '34' || digits8(firm, 16180339) AS account_no,
       CASE WHEN section = 'A' THEN '农业生产用电' WHEN section = 'C' AND log_size > 0.6 THEN '大工业用电' ELSE '一般工商业用电' END AS price_class,
       CASE WHEN section = 'C' AND log_size > 0.6 THEN '交流10kV' WHEN kind = 'enterprise' THEN '交流380V' ELSE '交流220V' END AS voltage,
       CASE WHEN section = 'C' AND log_size > 0.6 THEN one_of([250, 315, 400, 630, 1000], firm, 0, 'electricity_account.capacity') ELSE one_of([10, 15, 30, 50, 80, 100], firm, 0, 'electricity_account.capacity') END::BIGINT AS capacity_kva,
       address, phone AS contact_phone, issued_on AS connected_on, CASE WHEN told(died_on, _known_on) IS NOT NULL THEN '销户' ELSE '正常用电' END AS state,
       told(died_on, _known_on) AS closed_on
FROM (
    SELECT w.*, 0 AS k, (born + 5 + pick(180, w.firm, 0, 'electricity_account.day')::INTEGER)::DATE AS issued_on
    FROM who w
    WHERE u(w.firm, 0, 'meter') < CASE w.kind WHEN 'enterprise' THEN 0.62 ELSE 0.30 END
      AND u(w.firm, 0, 'electricity_account') < 1
)
WHERE issued_on BETWEEN DATE '2000-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

-- One row per unpaid bill, again when it is paid.
SELECT e.firm AS _firm, unnest(versions(happened_on, cleared)) AS _known_on, usci, name_on(happened_on, renamed_on, old_name, name) AS firm_name,
       CASE event WHEN 'power_arrears' THEN '电费' ELSE '水费' END AS utility_kind,
       yuan(greatest(8000, round(base_sales / 100 * (0.2 + 1.5 * u(e.firm, e.t, 'unpaid')) * CASE event WHEN 'power_arrears' THEN 1 ELSE 0.15 END))::BIGINT) AS arrears_yuan,
       happened_on AS since_on, told(cleared, _known_on) AS cleared_on
FROM (SELECT *, CASE WHEN u(firm, t, event || '.cleared') < logistic(1.6 + 0.8 * h) THEN (happened_on + 20 + pick(200, firm, t, event || '.days')::INTEGER)::DATE END AS cleared
      FROM event WHERE event IN ('power_arrears', 'water_arrears')) e JOIN who w USING (firm)

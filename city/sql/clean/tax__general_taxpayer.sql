-- One row per enterprise that is a general taxpayer.
SELECT firm AS _firm, known(registered) AS _known_on, usci AS taxpayer_id, name_on(registered, renamed_on, old_name, name) AS firm_name,
       registered AS registered_on, (date_trunc('month', registered) + INTERVAL 1 MONTH)::DATE AS effective_on,
       one_of(['应税销售额超过规定标准', '应税销售额超过规定标准', '应税销售额超过规定标准', '会计核算健全自愿登记'], firm, 0, 'general_taxpayer.reason') AS reason,
       (CASE WHEN section IN ('C', 'F') THEN 13 WHEN section IN ('A', 'E', 'G') THEN 9 ELSE 6 END)::DOUBLE AS vat_rate_pct,
       county_name || '税务局' AS authority
FROM (
    SELECT *, greatest(DATE '2016-05-01', born + 20 + pick(400, firm, 0, 'general_taxpayer.day')::INTEGER)::DATE AS registered FROM who WHERE general_taxpayer
)
WHERE registered <= least(last_day_lived(), coalesce(died_on, last_day_lived()))

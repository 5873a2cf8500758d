-- One row per taxpayer found to be out of reach, again when it is lifted.
SELECT firm AS _firm, unnest(versions(on_day, lifted)) AS _known_on, usci AS taxpayer_id, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       head_name AS legal_person, on_day AS recognised_on, address, (3 + pick(7, firm, t, 'abnormal_household.missed_periods')) AS missed_periods,
       CASE WHEN u(firm, t, 'abnormal_household.owed_yuan') < 0.35 THEN yuan(pick(5000000, firm, t, 'abnormal_household.owed')) ELSE yuan(0) END AS owed_yuan,
       told(lifted, _known_on) AS lifted_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'abnormal_household.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(m.firm, m.t, 'abnormal_household.lifted') < logistic(0.2 + 0.8 * m.h) THEN (on_day + 30 + pick(360, m.firm, m.t, 'abnormal_household.until')::INTEGER)::DATE END AS lifted
    FROM firm_month m JOIN who w USING (firm)
    WHERE u(m.firm, m.t, 'abnormal_household') < least(0.4, 0.0011 * exp(-1.15 * m.h))
)

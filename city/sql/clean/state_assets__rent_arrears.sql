-- One row per spell of rent owed, again when it is paid.
SELECT firm AS _firm, unnest(versions(on_day, paid)) AS _known_on, 'YS' || strftime(on_day, '%y%m') || digits8(firm, 461) AS bill_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name, yuan(greatest(10000, owed_fen)) AS owed_yuan, on_day AS due_on,
       CASE WHEN u(firm, t, 'state_assets__rent_arrears.deposit') < 0.12 * exp(-0.4 * h) THEN '是' ELSE '否' END AS deposit_used,
       told(paid, _known_on) AS paid_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'state_assets__rent_arrears.day')::INTEGER)::DATE AS on_day,
           round(w.base_sales * 3 * (0.01 + 0.04 * u(m.firm, 0, 'state_assets__leased_property.rent')))::BIGINT AS owed_fen,
           CASE WHEN u(m.firm, m.t, 'state_assets__rent_arrears.paid') < logistic(1.2 + 0.8 * m.h) THEN (m.month + 45 + pick(260, m.firm, m.t, 'state_assets__rent_arrears.days')::INTEGER)::DATE END AS paid
    FROM firm_month m JOIN who w USING (firm)
    WHERE u(m.firm, 0, 'state_assets__leased_property') < CASE WHEN w.section IN ('F', 'H', 'O', 'L') THEN 0.07 ELSE 0.03 END
      AND u(m.firm, m.t, 'state_assets__rent_arrears') < least(0.4, 0.02 * exp(-1.1 * m.h))
)

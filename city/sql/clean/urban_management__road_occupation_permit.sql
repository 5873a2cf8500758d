-- One row per permit, again when the street has been restored.
SELECT firm AS _firm, unnest(versions(on_day, restored)) AS _known_on, 'WJ' || strftime(on_day, '%y%m') || digits8(firm, 509) AS permit_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['占用', '挖掘'], firm, t, 'urban_management__road_occupation_permit.kind') AS kind,
       one_of(['皖西大道', '解放南路', '梅山中路', '人民路', '龙河路', '健康路'], firm, t, 'urban_management__road_occupation_permit.street') AS street,
       (5 + pick(600, firm, t, 'urban_management__road_occupation_permit.area'))::DOUBLE AS area_m2,
       yuan((5 + pick(600, firm, t, 'urban_management__road_occupation_permit.area')) * 20000) AS deposit_yuan, on_day AS granted_on,
       told(restored, _known_on) AS restored_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'urban_management__road_occupation_permit.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(m.firm, m.t, 'urban_management__road_occupation_permit.restored') < logistic(2.4 + 0.7 * m.h) THEN (m.month + 60 + pick(150, m.firm, m.t, 'urban_management__road_occupation_permit.days')::INTEGER)::DATE END AS restored
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section IN ('E', 'I', 'N') AND m.sales_fen > 0
      AND u(m.firm, m.t, 'urban_management__road_occupation_permit') < 0.012
)

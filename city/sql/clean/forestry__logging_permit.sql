-- One row per permit of a firm that fells or plants trees.
SELECT firm AS _firm, known(on_day) AS _known_on, division_code || 'LM' || strftime(on_day, '%y%m') || digits8(firm, 521) AS permit_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name, division_code,
       one_of(['杉木', '马尾松', '杨树', '毛竹', '栎类'], firm, t, 'forestry__logging_permit.species') AS species,
       one_of(['皆伐', '择伐', '抚育采伐', '抚育采伐', '其他'], firm, t, 'forestry__logging_permit.way') AS way,
       (round(0.2 + 12 * u(firm, t, 'forestry__logging_permit.area'), 2))::DOUBLE AS area_hm2,
       (round((0.2 + 12 * u(firm, t, 'forestry__logging_permit.area')) * (40 + pick(70, firm, t, 'forestry__logging_permit.density')), 1))::DOUBLE AS volume_m3,
       on_day AS granted_on, on_day + 60 + (30 * pick(9, firm, t, 'forestry__logging_permit.months'))::INTEGER AS valid_until
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'forestry__logging_permit.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE (w.section IN ('A', 'N') OR w.industry_code = 'C2032') AND u(m.firm, m.t, 'forestry__logging_permit') < 0.006
)

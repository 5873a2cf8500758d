-- One row per inspection, again when what was found has been put right.
SELECT firm AS _firm, unnest(versions(on_day, corrected)) AS _known_on, 'XFJC' || strftime(on_day, '%y%m') || digits8(firm, 587) AS record_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['双随机抽查', '双随机抽查', '专项检查', '举报核查'], firm, t, 'fire_rescue__fire_inspection.kind') AS kind, on_day AS inspected_on,
       found::BIGINT AS problem_count, CASE WHEN found > 5 THEN '是' ELSE '否' END AS sealed,
       CASE WHEN found = 0 THEN '合格' WHEN found > 5 THEN '临时查封' ELSE '责令改正' END AS result, told(corrected, _known_on) AS corrected_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'fire_rescue__fire_inspection.day')::INTEGER)::DATE AS on_day,
           whole(1.3 * exp(-0.3 * m.h), m.firm, m.t, 'fire_rescue__fire_inspection.found') AS found,
           CASE WHEN found > 0 AND u(m.firm, m.t, 'fire_rescue__fire_inspection.corrected') < logistic(2.0 + 0.6 * m.h) THEN (m.month + 30 + pick(75, m.firm, m.t, 'fire_rescue__fire_inspection.days')::INTEGER)::DATE END AS corrected
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section IN ('H', 'F', 'C', 'O', 'L') AND m.sales_fen >= 0
      AND u(m.firm, m.t, 'fire_rescue__fire_inspection') < CASE w.kind WHEN 'enterprise' THEN 0.011 ELSE 0.006 END
)

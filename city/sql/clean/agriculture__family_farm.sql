-- One row per certificate as a model family farm, again when the title is withdrawn.
SELECT firm AS _firm, unnest(versions(on_day, removed)) AS _known_on, 'SFJT' || year(on_day) || digits8(firm * 60 + t, 57) AS certificate_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE WHEN head_changed_on <= on_day THEN successor_name ELSE head_name END AS legal_person,
       CASE WHEN u(firm, t, 'agriculture__family_farm.level') < 0.08 THEN '省级'
           WHEN u(firm, t, 'agriculture__family_farm.level') < 0.35 THEN '市级'
           ELSE '县级' END AS level,
       CASE industry_code WHEN 'A0111' THEN '粮食种植' WHEN 'A0164' THEN '茶叶' WHEN 'A0313' THEN '生猪养殖' ELSE '水产养殖' END AS business,
       (round(40 + 90 * exp(0.6 * log_size), 1))::DOUBLE AS area_mu, (2 + headcount)::BIGINT AS labour_count, on_day AS named_on,
       told(removed, _known_on) AS withdrawn_on, division_code
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'agriculture__family_farm.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(m.firm, m.t, 'agriculture__family_farm.removed') < logistic(-2.6 - 0.9 * m.h) THEN (m.month + 300 + pick(500, m.firm, m.t, 'agriculture__family_farm.days')::INTEGER)::DATE END AS removed
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section = 'A' AND u(m.firm, m.t, 'agriculture__family_farm') < 0.006 * exp(0.4 * m.h)
)

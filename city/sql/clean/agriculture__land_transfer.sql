-- One row per contract under which a firm takes over farmland, again when it ends early.
SELECT firm AS _firm, unnest(versions(on_day, broken)) AS _known_on, 'LZ' || division_code || year(on_day) || digits8(firm * 60 + t, 91) AS contract_no,
       usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, division_code,
       CASE pick(10, firm, t, 'agriculture__land_transfer.way') WHEN 0 THEN '入股' WHEN 1 THEN '其他' ELSE '出租（转包）' END AS transfer_kind,
       area::DOUBLE AS area_mu, yuan(30000 + 1000 * pick(60, firm, t, 'agriculture__land_transfer.rent')) AS rent_yuan,
       (greatest(1, floor(area / 6.5)::BIGINT))::BIGINT AS household_count,
       CASE industry_code WHEN 'A0111' THEN '粮食作物' WHEN 'A0164' THEN '茶园' ELSE '设施养殖' END AS use_kind, on_day AS signed_on,
       (on_day + to_years(years::INTEGER))::DATE AS valid_until, told(broken, _known_on) AS broken_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'agriculture__land_transfer.day')::INTEGER)::DATE AS on_day,
           round(15 + 60 * exp(0.5 * log_size + 0.6 * z(m.firm, m.t, 'agriculture__land_transfer.area')), 1) AS area,
           3 + pick(13, m.firm, m.t, 'agriculture__land_transfer.years') AS years,
           CASE WHEN u(m.firm, m.t, 'agriculture__land_transfer.broken') < logistic(-2.4 - 0.9 * m.h) THEN (m.month + 200 + pick(700, m.firm, m.t, 'agriculture__land_transfer.days')::INTEGER)::DATE END AS broken
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section = 'A' AND u(m.firm, m.t, 'agriculture__land_transfer') < 0.008 * exp(0.25 * m.h)
)

-- One row per act of misconduct found.
SELECT firm AS _firm, known(on_day) AS _known_on,
       left(city_name, 1) || '公管〔' || year(on_day) || '〕' || digits8(firm * 60 + t, 163) || '号' AS record_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['提供虚假业绩材料', '无正当理由放弃中标', '与其他投标人串通投标', '借用他人资质投标', '未按合同约定到岗履约', '恶意投诉'], firm, t, 'public_resources__misconduct.what') AS behaviour,
       (2 + months_barred // 2)::BIGINT AS points, months_barred::BIGINT AS months_barred, on_day AS found_on,
       (on_day + to_months(months_barred::INTEGER))::DATE AS barred_until
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'public_resources__misconduct.day')::INTEGER)::DATE AS on_day,
           [0, 0, 3, 6, 12, 24][1 + pick(6, firm, t, 'public_resources__misconduct.months')] AS months_barred
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section IN ('E', 'M', 'N', 'I') AND u(m.firm, m.t, 'public_resources__misconduct') < 0.0016 * exp(-0.7 * m.h)
)

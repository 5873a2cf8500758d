-- One row per rating given after a matter was settled.
SELECT firm AS _firm, known(on_day) AS _known_on, 'HCP' || strftime(on_day, '%y%m') || digits8(firm, 571) AS rating_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       division_code || strftime((month + pick(27, firm, t, 'hotline__service_case.day')::INTEGER)::DATE, '%y%m') || digits8(firm, 569) AS case_no,
       (CASE WHEN u(firm, t, 'hotline__service_rating.stars') < 0.86 THEN 5
           WHEN u(firm, t, 'hotline__service_rating.stars') < 0.96 THEN 4
           WHEN u(firm, t, 'hotline__service_rating.stars') < 0.98 THEN 3
           ELSE 1 + pick(2, firm, t, 'hotline__service_rating.bad') END)::BIGINT AS stars,
       one_of(['评价器', '皖事通', '短信', '电话回访'], firm, t, 'hotline__service_rating.channel') AS channel,
       CASE WHEN u(firm, t, 'hotline__service_rating.stars') >= 0.98 THEN '是' END AS corrected, on_day AS rated_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'hotline__service_rating.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE m.sales_fen >= 0 AND u(m.firm, m.t, 'hotline__service_case') < 0.16 * exp(0.15 * w.log_size + 0.08 * m.h)
      AND u(m.firm, m.t, 'hotline__service_rating') < 0.35
)

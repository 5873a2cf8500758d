-- One row per case in which workers were helped against an employer.
SELECT firm AS _firm, known(on_day + 40 + pick(150, firm, t, 'justice__legal_aid_case.closed')::INTEGER) AS _known_on,
       left(city_name, 1) || '法援字〔' || year(on_day) || '〕' || digits8(firm * 60 + t, 409) || '号' AS case_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['追索劳动报酬', '追索劳动报酬', '工伤保险待遇', '解除劳动合同经济补偿'], firm, t, 'justice__legal_aid_case.cause') AS cause, workers::BIGINT AS worker_count,
       yuan(workers * (800000 + 10000 * pick(300, firm, t, 'justice__legal_aid_case.claim'))) AS claim_yuan,
       yuan(workers * (800000 + 10000 * pick(300, firm, t, 'justice__legal_aid_case.claim')) * (20 + pick(81, firm, t, 'justice__legal_aid_case.paid')) // 100) AS paid_yuan,
       on_day AS accepted_on, on_day + 40 + pick(150, firm, t, 'justice__legal_aid_case.closed')::INTEGER AS closed_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'justice__legal_aid_case.day')::INTEGER)::DATE AS on_day,
           1 + pick(greatest(1, least(30, m.headcount)), firm, t, 'justice__legal_aid_case.workers') AS workers
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section IN ('C', 'E', 'H', 'L', 'G', 'F') AND m.headcount > 0
      AND u(m.firm, m.t, 'justice__legal_aid_case') < CASE w.section WHEN 'E' THEN 0.004 ELSE 0.0014 END * exp(-0.95 * m.h)
)

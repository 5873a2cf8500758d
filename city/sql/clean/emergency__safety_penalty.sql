-- One row per penalty for a breach of safety law.
SELECT firm AS _firm, known(on_day) AS _known_on,
       '（' || left(city_name, 1) || '）应急罚〔' || year(on_day) || '〕' || digits8(firm * 60 + t, 257) || '号' AS case_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['未按规定对从业人员进行安全教育培训', '未在有较大危险因素的场所设置警示标志', '特种作业人员无证上岗', '未如实记录事故隐患排查治理情况', '未制定生产安全事故应急救援预案', '安全设备未定期检测'], firm, t, 'emergency__safety_penalty.what') AS violation,
       one_of(['《安全生产法》第九十七条', '《安全生产法》第九十九条', '《安全生产法》第九十七条', '《安全生产法》第九十七条', '《安全生产法》第九十七条', '《安全生产法》第九十九条'], firm, t, 'emergency__safety_penalty.what') AS basis,
       yuan(fine_fen) AS fine_yuan,
       yuan(CASE WHEN u(firm, t, 'emergency__safety_penalty.person') < 0.3 THEN fine_fen // 5 ELSE 0 END) AS person_fine_yuan, on_day AS penalised_on,
       CASE WHEN u(firm, t, 'emergency__safety_penalty.authority') < 0.3 THEN city_name ELSE county_name END || '应急管理局' AS authority
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'emergency__safety_penalty.day')::INTEGER)::DATE AS on_day,
           100000 * (5 + pick(450, firm, t, 'emergency__safety_penalty.fine')) AS fine_fen
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section IN ('C', 'E', 'G', 'H', 'F', 'N')
      AND u(m.firm, m.t, 'emergency__safety_penalty') < CASE w.kind WHEN 'enterprise' THEN 0.0028 ELSE 0.0007 END * exp(-0.55 * m.h)
)

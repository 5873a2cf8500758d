-- One row per major danger found, again when it is removed.
SELECT firm AS _firm, unnest(versions(on_day, cleared)) AS _known_on, 'ZDYH' || strftime(on_day, '%y%m') || digits8(firm, 263) AS danger_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['粉尘涉爆除尘系统未按规范设置', '消防疏散通道堵塞', '有限空间作业未审批', '特种设备超期未检', '违规使用易燃夹芯彩钢板', '厂房出租未签安全协议'], firm, t, 'emergency__major_hidden_danger.what') AS description,
       CASE WHEN u(firm, t, 'emergency__major_hidden_danger.level') < 0.04 THEN '省级'
           WHEN u(firm, t, 'emergency__major_hidden_danger.level') < 0.3 THEN '市级'
           ELSE '县级' END AS level,
       on_day AS found_on, limit_on, wan(1000000 * (1 + pick(80, firm, t, 'emergency__major_hidden_danger.cost'))) AS cost_wan,
       told(cleared, _known_on) AS cleared_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'emergency__major_hidden_danger.day')::INTEGER)::DATE AS on_day,
           (m.month + 60 + pick(60, m.firm, m.t, 'emergency__major_hidden_danger.limit')::INTEGER)::DATE AS limit_on,
           CASE WHEN u(m.firm, m.t, 'emergency__major_hidden_danger.cleared') < logistic(2.2 + 0.8 * m.h) THEN (m.month + 40 + pick(120, m.firm, m.t, 'emergency__major_hidden_danger.days')::INTEGER)::DATE END AS cleared
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section IN ('C', 'E', 'H', 'F', 'G') AND w.kind = 'enterprise'
      AND u(m.firm, m.t, 'emergency__major_hidden_danger') < 0.0014 * exp(-0.45 * m.h + 0.2 * w.log_size)
)

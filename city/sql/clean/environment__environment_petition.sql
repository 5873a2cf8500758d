-- One row per petition about a firm, again when it is closed.
SELECT firm AS _firm, unnest(versions(on_day, closed)) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       'HB' || strftime(on_day, '%Y%m') || digits8(firm, 42599573) AS petition_no,
       one_of(['电话', '电话', '电话', '电话', '电话', '微信', '微信', '微信', '网络', '网络', '来信来访'], firm, t, 'environment_petition.channel') AS channel,
       one_of(['大气', '大气', '大气', '大气', '大气', '噪声', '噪声', '噪声', '噪声', '水', '水', '固废', '其他'], firm, t, 'environment_petition.matter') AS matter,
       on_day AS received_on,
       CASE WHEN told(closed, _known_on) IS NOT NULL THEN one_of(['属实', '属实', '属实', '部分属实', '部分属实', '部分属实', '不属实', '不属实', '不属实', '不属实'], firm, t, 'environment_petition.founded') END AS founded,
       told(closed, _known_on) AS closed_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'environment_petition.day')::INTEGER)::DATE AS on_day,
           (on_day + 5 + pick(30, m.firm, m.t, 'environment_petition.closed')::INTEGER)::DATE AS closed
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section IN ('C', 'A', 'H', 'E', 'O')
      AND u(m.firm, m.t, 'environment_petition') < least(0.4, 0.006 * exp(-0.25 * m.h))
)

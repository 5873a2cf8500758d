-- One row per dispute mediated before a lawsuit, again when it is closed.
SELECT firm AS _firm, unnest(versions(on_day, closed)) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       '（' || year(on_day) || '）皖' || substr(division_code, 3) || '诉前调' || digits8(firm, 71427212) || lpad(t::VARCHAR, 2, '0') || '号' AS case_no,
       one_of(['买卖合同', '买卖合同', '买卖合同', '买卖合同', '买卖合同', '买卖合同', '借款合同', '借款合同', '借款合同', '劳动争议', '劳动争议', '劳动争议', '租赁合同', '租赁合同', '物业服务', '其他'], firm, t, 'mediation.dispute') AS dispute,
       yuan(greatest(100000, round(sales_fen * (0.05 + 0.4 * u(firm, t, 'mediation.claim'))))::BIGINT) AS claim_yuan,
       county_name || one_of(['人民调解委员会', '人民调解委员会', '人民调解委员会', '商会调解中心', '银行业纠纷调解中心'], firm, t, 'mediation.mediator') AS mediator,
       on_day AS accepted_on,
       CASE WHEN told(closed, _known_on) IS NOT NULL THEN one_of(['调解成功', '调解成功', '调解成功', '调解成功', '调解不成', '调解不成', '调解不成', '调解不成', '撤回'], firm, t, 'mediation.outcome') END AS outcome,
       told(closed, _known_on) AS closed_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'mediation.day')::INTEGER)::DATE AS on_day,
           (on_day + 10 + pick(40, m.firm, m.t, 'mediation.closed')::INTEGER)::DATE AS closed
    FROM firm_month m JOIN who w USING (firm)
    WHERE m.sales_fen > 0
      AND u(m.firm, m.t, 'mediation') < least(0.4, 0.006 * exp(-0.9 * m.h))
)

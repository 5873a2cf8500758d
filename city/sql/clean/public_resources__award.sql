-- One row per lot won by a firm of the city.
SELECT firm AS _firm, known(on_day + 2) AS _known_on,
       'LAZB-' || year((month + pick(27, firm, t, 'public_resources.tender')::INTEGER - 40)::DATE) || '-' || digits8(firm * 60 + t, 149) || '00' AS lot_no,
       usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       county_name || one_of(['城市建设投资有限公司', '重点工程建设管理处', '教育局', '水利局', '数据资源管理局'], firm, t * 2, 'public_resources__tender_project.client') AS tenderer,
       wan(price_fen) AS award_wan, (60 + 30 * pick(16, firm, t, 'public_resources__award.term'))::BIGINT AS term_days, head_name AS manager_name,
       CASE WHEN u(firm, t, 'public_resources__award.consortium') < 0.07 THEN '是' ELSE '否' END AS consortium, on_day + 2 AS awarded_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'public_resources__award.day')::INTEGER)::DATE AS on_day,
           round(w.base_sales * (1.5 + 6 * u(m.firm, m.t, 'public_resources.price')))::BIGINT AS price_fen
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section IN ('E', 'M', 'N', 'I')
      AND u(m.firm, m.t, 'public_resources.won') < least(0.5, 0.03 * exp(0.45 * m.h + 0.3 * w.log_size))
)

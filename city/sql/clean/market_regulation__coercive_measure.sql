-- One row per measure, again when it is lifted.
SELECT firm AS _firm, unnest(versions(on_day, lifted)) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       left(county_name, 2) || '市监强制〔' || strftime(on_day, '%Y') || '〕' || digits8(firm, 33985249) || lpad(t::VARCHAR, 2, '0') || '号' AS document_no,
       one_of(['扣押财物', '扣押财物', '扣押财物', '扣押财物', '扣押财物', '查封场所设施', '查封场所设施', '查封场所设施', '先行登记保存', '先行登记保存'], firm, t, 'coercive_measure.measure') AS measure,
       one_of(['过期食品', '假冒商标商品', '无合格证产品', '来源不明电动车电池'], firm, t, 'coercive_measure.goods') AS goods,
       yuan(round(600 * exp(1 * z(firm, t, 'coercive_measure.value_yuan')))::BIGINT * 1000) AS value_yuan, on_day AS taken_on,
       told(lifted, _known_on) AS lifted_on, county_name || '市场监督管理局' AS authority
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'coercive_measure.day')::INTEGER)::DATE AS on_day,
           (on_day + 15 + pick(60, m.firm, m.t, 'coercive_measure.until')::INTEGER)::DATE AS lifted
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.section IN ('C', 'F', 'H')
      AND u(m.firm, m.t, 'coercive_measure') < least(0.4, 0.0007 * exp(-0.6 * m.h))
)

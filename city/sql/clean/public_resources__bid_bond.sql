-- One row per bond, again when it is given back or forfeited.
SELECT firm AS _firm, unnest(versions(on_day, settled)) AS _known_on, 'BZJ' || strftime(on_day, '%y%m') || digits8(firm, 157) AS bond_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['保证保险', '保证保险', '银行保函', '现金转账', '担保保函'], firm, t, 'public_resources__bid_bond.way') AS way,
       one_of(['示例财产保险公司六安中心支公司', '徽商银行六安分行', '六安农村商业银行', '皖西融资担保有限公司'], firm, t, 'public_resources__bid_bond.guarantor') AS guarantor,
       yuan(least(80000000, 500000 * (1 + floor(base_sales / 100000000.0 * 2)::BIGINT + pick(10, firm, t, 'public_resources__bid_bond.amount')))) AS bond_yuan,
       on_day AS paid_on, CASE WHEN told(settled, _known_on) IS NULL THEN '在押' WHEN forfeited THEN '不予退还' ELSE '已退还' END AS outcome,
       told(settled, _known_on) AS settled_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'public_resources__bid_bond.day')::INTEGER)::DATE AS on_day,
           (m.month + 55 + pick(80, m.firm, m.t, 'public_resources__bid_bond.days')::INTEGER)::DATE AS settled,
           u(m.firm, m.t, 'public_resources__bid_bond.forfeited') < 0.012 * exp(-0.8 * m.h) AS forfeited
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section IN ('E', 'M', 'N', 'I') AND m.sales_fen > 0
      AND u(m.firm, m.t, 'public_resources__bid_bond') < 0.12 * exp(0.2 * m.h)
)

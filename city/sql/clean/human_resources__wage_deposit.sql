-- One row per deposit for a building contract, again when it is released.
SELECT firm AS _firm, unnest(versions(on_day, released)) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       'BZJ' || strftime(on_day, '%Y%m') || digits8(firm, 10671832) AS deposit_no,
       county_name || one_of(['安置房', '道路改造', '厂房', '学校', '污水管网'], firm, t, 'wage_deposit.project_name') || one_of(['一期', '二期', '三期', '一标段', '二标段'], firm, t, 'wage_deposit.project_name') || '工程' AS project_name,
       wan(round(900 * exp(0.8 * z(firm, t, 'wage_deposit.contract_wan')))::BIGINT * 1000000) AS contract_wan,
       yuan(round(900000000 * exp(0.8 * z(firm, t, 'wage_deposit.contract_wan')) * CASE WHEN mu > 0.5 THEN 0.01 ELSE 0.02 END / 100000)::BIGINT * 100000) AS deposit_yuan,
       one_of(['现金', '银行保函', '银行保函', '银行保函', '工程保函'], firm, t, 'wage_deposit.form') AS form, '徽商银行' || left(city_name, 2) || '分行' AS bank_name,
       on_day AS deposited_on, told(released, _known_on) AS released_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'wage_deposit.day')::INTEGER)::DATE AS on_day,
           (on_day + 300 + pick(400, m.firm, m.t, 'wage_deposit.until')::INTEGER)::DATE AS released
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section = 'E' AND m.sales_fen > 0
      AND u(m.firm, m.t, 'wage_deposit') < least(0.4, 0.012 * exp(0.2 * m.h))
)

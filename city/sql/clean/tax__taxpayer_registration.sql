-- One row per taxpayer when it is registered (those before 2022 with the first delivery), and again when it is cancelled.
SELECT firm AS _firm, unnest(versions(born_tax, died_on)) AS _known_on, usci AS taxpayer_id,
       name_on(born_tax, renamed_on, old_name, name) AS firm_name, head_name AS legal_person, born_tax AS registered_on,
       CASE kind WHEN 'individual' THEN one_of(['个体工商户会计制度', '未建账'], firm, 0, 'taxpayer_registration.accounting_kind') WHEN 'enterprise' THEN one_of(['企业会计准则', '小企业会计准则', '小企业会计准则', '小企业会计准则', '小企业会计准则'], firm, 0, 'taxpayer_registration.accounting_kind') END AS accounting_kind,
       county_name || '税务局' AS authority, industry_code, division_code, address, phone,
       CASE WHEN told(died_on, _known_on) IS NOT NULL THEN '注销' ELSE '正常' END AS state, told(died_on, _known_on) AS cancelled_on
FROM (
    SELECT *, (born + 5 + pick(25, firm, 0, 'taxpayer_registration.day')::INTEGER)::DATE AS born_tax FROM who
    WHERE kind = 'enterprise' OR u(firm, 0, 'taxpayer_registration') < 0.75
)

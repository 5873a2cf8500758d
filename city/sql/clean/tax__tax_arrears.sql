-- One row per debt to the tax office, again when it is cleared.
SELECT e.firm AS _firm, unnest(versions(happened_on, cleared)) AS _known_on, usci AS taxpayer_id, name_on(happened_on, renamed_on, old_name, name) AS firm_name,
       one_of(['增值税', '增值税', '企业所得税', '城镇土地使用税'], e.firm, e.t, 'arrears.kind') AS tax_kind,
       yuan(greatest(50000, round(sales_fen * (0.02 + 0.12 * u(e.firm, e.t, 'arrears'))))::BIGINT) AS arrears_yuan, happened_on AS since_on, told(cleared, _known_on) AS cleared_on
FROM (SELECT *, CASE WHEN u(firm, t, 'cleared') < logistic(1.2 + 0.8 * h) THEN (happened_on + 15 + pick(260, firm, t, 'cleared.days')::INTEGER)::DATE END AS cleared
      FROM event WHERE event = 'tax_arrears') e JOIN who w USING (firm)

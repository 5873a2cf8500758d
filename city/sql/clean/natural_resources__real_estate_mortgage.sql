-- One row per mortgage behind a loan, again when it is cancelled after repayment; loans in default stay mortgaged.
SELECT firm AS _firm, unnest(versions(registered, cancelled)) AS _known_on, usci, name_on(registered, renamed_on, old_name, name) AS firm_name,
       '皖（' || year(lent_on) || '）' || city_name || '不动产证明第' || lpad(loan::VARCHAR, 8, '0') || '号' AS mortgage_no, bank_name AS mortgagee,
       address AS location, one_of(['一般抵押', '一般抵押', '一般抵押', '最高额抵押', '最高额抵押'], firm, loan, 'real_estate_mortgage.mode') AS mode,
       yuan(amount_fen) AS secured_yuan,
       yuan(amount_fen * (135 + pick(60, firm, loan, 'real_estate_mortgage.value')) // 100 // 1000000 * 1000000) AS valuation_yuan,
       lent_on AS debt_from, due_on AS debt_until, registered AS registered_on, told(cancelled, _known_on) AS cancelled_on
FROM (
    SELECT l.* EXCLUDE (firm), w.*, lent_on - 2 AS registered,
           CASE WHEN missed_on IS NULL OR cured_days IS NOT NULL THEN (due_on + 3 + pick(40, w.firm, loan, 'real_estate_mortgage.cancelled')::INTEGER)::DATE END AS cancelled
    FROM lending l JOIN who w ON w.firm = l.firm WHERE guarantee_kind = '抵押'
)

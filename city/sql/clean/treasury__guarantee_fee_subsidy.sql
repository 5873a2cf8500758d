-- One row per loan under a guarantee whose fee was lowered, claimed for the year in which it was lent.
SELECT firm AS _firm, known(make_date(year(lent_on) + 1, 3, 1)) AS _known_on, usci, name_on(lent_on, renamed_on, old_name, name) AS firm_name,
       'JF' || year(lent_on) || lpad(loan::VARCHAR, 8, '0') AS subsidy_no, city_name || '融资担保集团有限公司' AS guarantor, year(lent_on) AS policy_year,
       yuan(amount_fen) AS guaranteed_yuan, one_of(['0.5', '0.8', '1.0'], firm, loan, 'guarantee_fee_subsidy.fee_pct')::DOUBLE AS fee_pct,
       yuan(amount_fen // 200) AS subsidy_yuan
FROM (
    SELECT l.* EXCLUDE (firm), w.* FROM lending l JOIN who w ON w.firm = l.firm
    WHERE guarantee_kind = '担保公司保证' AND u(w.firm, loan, 'guarantee_fee_subsidy') < 0.7
)

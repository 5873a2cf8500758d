-- One row per lawsuit against or by a firm of the city, one to three months before it is judged.
SELECT firm AS _firm, known(filed) AS _known_on, usci, name_on(filed, renamed_on, old_name, name) AS firm_name, case_no, role, filed AS filed_on,
       cause, yuan(amount_fen) AS claim_yuan, county_name || '人民法院' AS court_name,
       one_of(['是', '否', '否', '否', '否'], firm, lawsuit, 'case_filing.preserved') AS preserved
FROM (
    SELECT l.* EXCLUDE (firm), w.*, (judged_on - 35 - pick(60, w.firm, lawsuit, 'case_filing.day')::INTEGER)::DATE AS filed FROM lawsuit l JOIN who w ON w.firm = l.firm
)

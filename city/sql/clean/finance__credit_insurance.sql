-- One row per policy on a loan, again when the insurer has paid.
SELECT firm AS _firm, unnest(versions(lent_on, claimed)) AS _known_on, usci, name_on(lent_on, renamed_on, old_name, name) AS firm_name,
       'PBZX' || year(lent_on) || lpad(loan::VARCHAR, 8, '0') AS policy_no,
       one_of(['人保财险', '国元农业保险', '太平洋产险'], firm, loan, 'credit_insurance.insurer') || left(city_name, 2) || '中心支公司' AS insurer,
       yuan(amount_fen) AS insured_yuan, yuan(amount_fen * 18 // 1000) AS premium_yuan, lent_on AS insured_on,
       CASE WHEN told(claimed, _known_on) IS NOT NULL THEN yuan(amount_fen * 80 // 100) ELSE yuan(0) END AS claim_yuan,
       told(claimed, _known_on) AS claimed_on
FROM (
    SELECT l.* EXCLUDE (firm), w.*, CASE WHEN missed_on IS NOT NULL AND cured_days IS NULL THEN missed_on + 100 END AS claimed
    FROM lending l JOIN who w ON w.firm = l.firm WHERE guarantee_kind = '保证' AND u(w.firm, loan, 'credit_insurance') < 0.25
)

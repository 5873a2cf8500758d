-- One row per loan under a guarantee, again when the guarantee ends: by repayment, or by payment in the debtor's place.
SELECT firm AS _firm, unnest(versions(lent_on, released)) AS _known_on, usci, name_on(lent_on, renamed_on, old_name, name) AS firm_name,
       'DB' || year(lent_on) || lpad(loan::VARCHAR, 8, '0') AS guarantee_no, city_name || '融资担保集团有限公司' AS guarantor, bank_name AS creditor,
       yuan(amount_fen) AS amount_yuan, one_of(['80', '80', '80', '100', '100', '40'], firm, loan, 'guarantee.share_pct')::DOUBLE AS share_pct,
       one_of(['信用', '信用', '信用', '信用', '保证', '保证', '保证', '抵押', '抵押', '质押'], firm, loan, 'guarantee.counter_guarantee') AS counter_guarantee,
       lent_on AS guaranteed_on, due_on,
       CASE WHEN told(released, _known_on) IS NULL THEN '在保' WHEN missed_on IS NOT NULL AND cured_days IS NULL THEN '代偿' ELSE '解保' END AS state,
       told(released, _known_on) AS released_on
FROM (
    SELECT l.* EXCLUDE (firm), w.*, CASE WHEN missed_on IS NOT NULL AND cured_days IS NULL THEN missed_on + 90 ELSE due_on + 2 END AS released
    FROM lending l JOIN who w ON w.firm = l.firm WHERE guarantee_kind = '担保公司保证'
)

-- One row per enterprise that ends in bankruptcy, again when the procedure ends: after an unpaid judgment, a while before the register closes it.
SELECT firm AS _firm, unnest(versions(accepted, ended)) AS _known_on, usci, name_on(accepted, renamed_on, old_name, name) AS firm_name,
       '（' || year(accepted) || '）皖' || substr(division_code, 3, 2) || '破' || digits8(firm, 75850634) || '号' AS case_no,
       one_of(['破产清算', '破产清算', '破产清算', '破产清算', '破产清算', '破产清算', '破产清算', '破产清算', '重整', '重整', '和解'], firm, 0, 'bankruptcy.kind') AS kind,
       one_of(['债权人', '债权人', '债权人', '债权人', '债权人', '债务人', '债务人', '执行转破产', '执行转破产', '执行转破产', '执行转破产'], firm, 0, 'bankruptcy.applicant') AS applicant,
       accepted AS accepted_on, city_name || one_of(['律师事务所', '会计师事务所', '清算事务所'], firm, 0, 'bankruptcy.administrator') AS administrator,
       wan(round(base_sales * (4 + 10 * u(firm, 0, 'bankruptcy.claims')))::BIGINT) AS claims_wan, told(ended, _known_on) AS ended_on
FROM (
    SELECT w.*, (died_on - 200 - pick(200, firm, 0, 'bankruptcy.day')::INTEGER)::DATE AS accepted, (died_on - 20)::DATE AS ended
    FROM who w WHERE kind = 'enterprise' AND died_on IS NOT NULL AND u(firm, 0, 'bankruptcy') < 0.04 + CASE WHEN EXISTS (FROM lawsuit l WHERE l.firm = w.firm AND l.role = '被告') THEN 0.12 ELSE 0 END
)
WHERE accepted >= greatest(born + 100, DATE '2021-06-01')

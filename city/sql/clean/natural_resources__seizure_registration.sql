-- One row per seizure that follows a lawsuit against an enterprise with real estate, again when it is lifted.
SELECT firm AS _firm, unnest(versions(seized, lifted)) AS _known_on, usci, name_on(seized, renamed_on, old_name, name) AS firm_name,
       '（' || year(seized) || '）' || court || '执保' || lawsuit || '号' AS document_no, county_name || '人民法院' AS authority,
       one_of(['首次查封', '首次查封', '首次查封', '首次查封', '首次查封', '轮候查封', '轮候查封', '预查封'], firm, lawsuit, 'seizure_registration.kind') AS kind,
       yuan(amount_fen) AS amount_yuan, seized AS seized_on, (seized + INTERVAL 3 YEAR)::DATE AS until_on, told(lifted, _known_on) AS lifted_on
FROM (
    SELECT l.* EXCLUDE (firm), w.*, (judged_on - 40 + pick(60, w.firm, lawsuit, 'seizure_registration.day')::INTEGER)::DATE AS seized,
           CASE WHEN u(w.firm, lawsuit, 'seizure_registration.lifted') < 0.45 THEN (seized + 60 + pick(500, w.firm, lawsuit, 'seizure_registration.until')::INTEGER)::DATE END AS lifted
    FROM lawsuit l JOIN who w ON w.firm = l.firm
    WHERE l.role = '被告' AND w.kind = 'enterprise' AND u(w.firm, 0, 'owns.land') < CASE w.section WHEN 'C' THEN 0.32 ELSE 0.12 END * exp(0.5 * w.log_size) AND u(w.firm, lawsuit, 'seizure_registration') < 0.7
)

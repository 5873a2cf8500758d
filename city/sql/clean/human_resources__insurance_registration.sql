-- One row per employer when it registers with the social insurance, again when it leaves.
SELECT firm AS _firm, unnest(versions(registered, died_on)) AS _known_on, usci, name_on(registered, renamed_on, old_name, name) AS firm_name,
       '3415' || digits8(firm, 16902794) AS insurance_no, registered AS registered_on,
       one_of(['养老、失业、工伤', '养老、失业、工伤', '养老、失业、工伤', '养老、失业、工伤', '养老、失业、工伤', '养老、失业、工伤', '工伤', '养老、失业'], firm, 0, 'insurance_registration.schemes') AS schemes,
       CASE kind WHEN 'enterprise' THEN '企业' ELSE '有雇工的个体工商户' END AS unit_kind, division_code, phone,
       CASE WHEN told(died_on, _known_on) IS NOT NULL THEN '终止参保' ELSE '参保' END AS state, told(died_on, _known_on) AS ended_on
FROM (
    SELECT *, (born + 15 + pick(60, firm, 0, 'insurance_registration.day')::INTEGER)::DATE AS registered FROM who
    WHERE u(firm, 0, 'insured') < CASE kind WHEN 'enterprise' THEN 0.82 ELSE 0.22 END
)
WHERE registered <= last_day_lived() AND (died_on IS NULL OR registered < died_on)

-- One row per enterprise and quarter in which something about it was registered: its state at the quarter's end.
WITH quarter AS (
    SELECT (DATE '2022-03-31' + to_months((3 * q)::INTEGER))::DATE AS first_guess, last_day(DATE '2022-03-01' + to_months((3 * q)::INTEGER)) AS ends, q
    FROM range((last_month() + 1) // 3) t(q)
), state AS (
    SELECT w.*, q, ends, coalesce(renamed_on, DATE '2100-01-01') AS renamed, coalesce(head_changed_on, DATE '2100-01-01') AS head_changed,
           coalesce(moved_on, DATE '2100-01-01') AS moved, coalesce(raised_on, DATE '2100-01-01') AS raised, coalesce(died_on, DATE '2100-01-01') AS died,
           CASE WHEN q = 0 THEN DATE '1900-01-01' ELSE last_day(ends - INTERVAL 3 MONTH) END AS since
    FROM who w, quarter WHERE kind = 'enterprise'
)
SELECT firm AS _firm, known(ends) AS _known_on,
       usci, reg_no, org_code, CASE WHEN renamed <= ends OR renamed_on IS NULL THEN name ELSE old_name END AS firm_name,
       CASE WHEN renamed <= ends THEN old_name END AS former_name,
       CASE WHEN form IN ('厂', '中心') THEN '个人独资企业' WHEN form = '股份有限公司' THEN '股份有限公司(非上市)'
            WHEN u(firm, 0, 'sole') < 0.15 THEN '有限责任公司(自然人独资)' ELSE '有限责任公司(自然人投资或控股)' END AS entity_kind,
       CASE WHEN head_changed <= ends THEN successor_name ELSE head_name END AS legal_person,
       CASE WHEN head_changed <= ends THEN successor_id ELSE head_id END AS legal_person_id,
       born AS established_on,
       CASE WHEN raised <= ends THEN new_capital_wan ELSE capital_wan END::DECIMAL(18, 4) AS registered_capital_wan,
       industry_code, division_code,
       CASE WHEN moved <= ends THEN new_address ELSE address END AS address, phone,
       array_to_string(words, '、') || CASE section WHEN 'F' THEN '销售；货物进出口' WHEN 'C' THEN '生产、加工、销售' WHEN 'E' THEN '施工；建筑劳务分包'
            WHEN 'A' THEN '种植、养殖、销售；农业技术推广' WHEN 'G' THEN '服务；道路货物运输（凭许可证经营）' ELSE '服务及相关技术咨询' END
            || '（依法须经批准的项目，经相关部门批准后方可开展经营活动）' AS business_scope,
       CASE WHEN died <= ends THEN end_status ELSE '存续' END AS status,
       CASE WHEN died <= ends THEN died_on END AS closed_on
FROM state
WHERE born <= ends AND (greatest(since, born) = born OR q = 0
      OR (renamed > since AND renamed <= ends) OR (head_changed > since AND head_changed <= ends) OR (moved > since AND moved <= ends)
      OR (raised > since AND raised <= ends) OR (died > since AND died <= ends))
      AND since < died

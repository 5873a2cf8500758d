-- One row per labour dispute accepted.
SELECT e.firm AS _firm, known(happened_on) AS _known_on,
       left(county_name, 2) || '劳人仲案字〔' || year(happened_on) || '〕第' || (10 + row_number() OVER (PARTITION BY division_code, year(happened_on) ORDER BY happened_on, e.firm)) || '号' AS case_no,
       usci, name_on(happened_on, renamed_on, old_name, name) AS firm_name, happened_on AS accepted_on,
       one_of(['调解', '裁决支持申请人', '裁决部分支持', '撤回申请', '裁决驳回'], e.firm, e.t, 'labour.outcome') AS outcome
FROM event e JOIN who w USING (firm) WHERE event = 'labour_dispute' AND headcount > 0

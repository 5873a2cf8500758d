-- One row per public hearing of a case with a firm of the city; four cases in five come that far.
SELECT firm AS _firm, known(hearing) AS _known_on, usci, name_on(hearing, renamed_on, old_name, name) AS firm_name,
       'KT' || strftime(hearing, '%Y%m') || lpad(lawsuit::VARCHAR, 8, '0') AS notice_no, case_no, hearing AS hearing_on,
       '第' || one_of(['一', '二', '三', '五', '八'], firm, lawsuit, 'hearing_notice.room') || '审判庭' AS courtroom,
       one_of(['独任审理', '独任审理', '独任审理', '独任审理', '合议庭审理'], firm, lawsuit, 'hearing_notice.judge_panel') AS judge_panel, cause, role
FROM (
    SELECT l.* EXCLUDE (firm), w.*, (judged_on - 35 - pick(60, w.firm, lawsuit, 'case_filing.day')::INTEGER)::DATE AS filed, (judged_on - 5 - pick(20, w.firm, lawsuit, 'hearing_notice.day')::INTEGER)::DATE AS hearing
    FROM lawsuit l JOIN who w ON w.firm = l.firm WHERE u(w.firm, lawsuit, 'hearing_notice') < 0.8
)

-- One row per notice by which an enterprise without debts leaves the register the short way.
SELECT firm AS _firm, known(announced) AS _known_on, usci, name_on(announced, renamed_on, old_name, name) AS firm_name, announced AS announced_on,
       announced + 20 AS notice_ends_on,
       one_of(['是', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否'], firm, 0, 'simplified_deregistration.objection') AS objection,
       CASE WHEN one_of(['是', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否'], firm, 0, 'simplified_deregistration.objection') = '是' THEN county_name || one_of(['税务局', '人力资源和社会保障局'], firm, 0, 'simplified_deregistration.objector') END AS objector,
       '已公示' AS promise
FROM (
    SELECT *, died_on - 30 - pick(20, firm, 0, 'simplified_deregistration.day')::INTEGER AS announced FROM who
    WHERE kind = 'enterprise' AND end_status = '注销' AND u(firm, 0, 'simplified_deregistration') < 0.65
)

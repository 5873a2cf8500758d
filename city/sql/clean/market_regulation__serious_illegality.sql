-- One row per listing for serious illegality, again when it is lifted.
SELECT e.firm AS _firm, unnest(versions(happened_on, removed)) AS _known_on, usci, name_on(happened_on, renamed_on, old_name, name) AS firm_name,
       happened_on AS listed_on, reason, told(removed, _known_on) AS removed_on
FROM (SELECT *, one_of(['被列入经营异常名录届满3年仍未履行相关义务', '提交虚假材料取得公司登记，情节严重', '产品质量违法行为，情节严重'], firm, t, 'serious.reason') AS reason,
             CASE WHEN u(firm, t, 'serious.removed') < 0.3 THEN (happened_on + 365 + pick(300, firm, t, 'serious.days')::INTEGER)::DATE END AS removed
      FROM event WHERE event = 'serious') e JOIN who w USING (firm)

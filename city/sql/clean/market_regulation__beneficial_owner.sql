-- One row per enterprise that filed its owner after the rule came into force in November 2024.
SELECT firm AS _firm, known(filed) AS _known_on, usci, name_on(filed, renamed_on, old_name, name) AS firm_name,
       CASE WHEN head_changed_on <= filed THEN successor_name ELSE head_name END AS owner_name,
       CASE WHEN head_changed_on <= filed THEN successor_id ELSE head_id END AS owner_id, '居民身份证' AS id_kind,
       one_of(['持股25%以上', '持股25%以上', '持股25%以上', '持股25%以上', '持股25%以上', '持股25%以上', '持股25%以上', '持股25%以上', '实际控制', '实际控制', '高级管理人员'], firm, 0, 'beneficial_owner.control') AS control,
       ((51 + pick(44, firm, 0, 'share')))::DOUBLE AS share_pct, filed AS filed_on
FROM (
    SELECT *, (greatest(DATE '2024-11-01', born) + pick(420, firm, 0, 'beneficial_owner.day')::INTEGER)::DATE AS filed FROM who WHERE kind = 'enterprise' AND u(firm, 0, 'beneficial_owner') < 0.85
)
WHERE filed <= least(last_day_lived(), coalesce(died_on, last_day_lived()))

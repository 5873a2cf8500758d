-- One row per change in the register: name, head, address, capital.
SELECT firm AS _firm, known(changed_on) AS _known_on, usci, firm_name, changed_on, item, value_before, value_after
FROM (
    SELECT firm, usci, renamed_on AS changed_on, name AS firm_name, '名称' AS item, old_name AS value_before, name AS value_after FROM who WHERE renamed_on IS NOT NULL
    UNION ALL
    SELECT firm, usci, head_changed_on, name_on(head_changed_on, renamed_on, old_name, name), '法定代表人', head_name, successor_name FROM who WHERE head_changed_on IS NOT NULL
    UNION ALL
    SELECT firm, usci, moved_on, name_on(moved_on, renamed_on, old_name, name), '地址', address, new_address FROM who WHERE moved_on IS NOT NULL
    UNION ALL
    SELECT firm, usci, raised_on, name_on(raised_on, renamed_on, old_name, name), '注册资本', capital_wan || '万元', new_capital_wan || '万元' FROM who WHERE raised_on IS NOT NULL
)

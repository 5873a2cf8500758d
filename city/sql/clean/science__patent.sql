-- One row per patent granted.
SELECT e.firm AS _firm, known(happened_on) AS _known_on,
       'ZL' || (year(happened_on) - 1) || CASE kind_drawn WHEN '发明专利' THEN '1' WHEN '实用新型' THEN '2' ELSE '3' END
           || lpad((firm * 97 % 10000)::VARCHAR, 4, '0') || lpad(t::VARCHAR, 3, '0') || '.' || pick(10, firm, t, 'patent') AS patent_no,
       usci, name_on(happened_on, renamed_on, old_name, name) AS firm_name, kind_drawn AS patent_kind, happened_on AS granted_on
FROM (SELECT *, one_of(['实用新型', '实用新型', '实用新型', '发明专利', '外观设计'], firm, t, 'patent.kind') AS kind_drawn FROM event WHERE event = 'patent') e JOIN who w USING (firm)

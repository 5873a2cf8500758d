-- One row per licence of a hotel, garage or maker of seals.
SELECT firm AS _firm, known(issued_on) AS _known_on, usci, name_on(issued_on, renamed_on, old_name, name) AS firm_name,
       left(city_name, 1) || '公特' || CASE section WHEN 'H' THEN '旅' ELSE '刻' END || '字第' || year(issued_on) || digits8(firm, 66160512) || '号' AS licence_no,
       CASE WHEN section = 'H' THEN '旅馆业' WHEN section = 'O' THEN '机动车修理业' ELSE '公章刻制业' END AS trade_kind,
       CASE WHEN section = 'H' THEN 8 + pick(120, firm, 0, 'special_trade_licence.rooms') END AS rooms, address, head_name AS security_head,
       issued_on, county_name || '公安局' AS authority
FROM (
    SELECT w.*, 0 AS k, (born + 40 + pick(180, w.firm, 0, 'special_trade_licence.day')::INTEGER)::DATE AS issued_on
    FROM who w
    WHERE (w.industry_code IN ('H6121', 'O8111') OR (w.industry_code = 'C2319' AND u(w.firm, 0, 'seals') < 0.3))
      AND u(w.firm, 0, 'special_trade_licence') < 0.9
)
WHERE issued_on BETWEEN DATE '2005-01-01' AND least(last_day_lived(), coalesce(died_on, last_day_lived()))

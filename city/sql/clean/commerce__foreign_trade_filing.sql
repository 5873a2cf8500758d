-- One row per firm filed as a foreign trader.
SELECT firm AS _firm, known(on_day) AS _known_on, digits8(firm, 179) AS filing_no, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       'LUAN TRADER ' || digits8(firm, 179) || ' CO., LTD.' AS trade_name_en,
       '341596' || upper(right('0000' || to_base(firm % 1679616, 36), 4)) AS customs_code,
       CASE WHEN head_changed_on <= on_day THEN successor_name ELSE head_name END AS legal_person, address, on_day AS filed_on
FROM (
    SELECT w.*, (born + 10 + pick(300, firm, 0, 'commerce__foreign_trade_filing.day')::INTEGER)::DATE AS on_day
    FROM who w
    WHERE w.kind = 'enterprise' AND w.section IN ('C', 'F', 'A') AND u(w.firm, 0, 'commerce.exports') < 0.11 * exp(0.3 * w.log_size)
)
WHERE on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived()))

-- One row per individual business when it is registered (those before 2022 with the first delivery), and again when it closes.
SELECT firm AS _firm, unnest(versions(born, died_on)) AS _known_on,
       usci, reg_no, name AS firm_name, head_name AS operator_name, head_id AS operator_id, born AS established_on, industry_code, division_code,
       address, phone, CASE WHEN told(died_on, _known_on) IS NOT NULL THEN end_status ELSE '存续' END AS status, told(died_on, _known_on) AS closed_on
FROM who WHERE kind = 'individual'

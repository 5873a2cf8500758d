-- One row per card issued to a resident, the current one.
SELECT NULL::BIGINT AS _firm, known(issued) AS _known_on, resident_id, name AS person_name, issued AS issued_on,
       (issued + INTERVAL 20 YEAR)::DATE AS valid_until, county_name || CASE WHEN right(county_name, 1) = '区' THEN '公安分局' ELSE '公安局' END AS authority,
       one_of(['是', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否', '否'], id, 0, 'identity_card.lost') AS lost,
       one_of(['首次申领', '有效期满换领', '有效期满换领', '有效期满换领', '有效期满换领', '有效期满换领', '有效期满换领', '丢失补领', '丢失补领', '丢失补领', '信息变更换领'], id, 0, 'identity_card.reason') AS reason
FROM (
    SELECT p.resident_id, p.name, p.id, county.name AS county_name, (DATE '2012-01-01' + pick(5380, p.id, 0, 'identity_card.day')::INTEGER)::DATE AS issued
    FROM person p JOIN county ON county.code = p.division_code
)
WHERE issued <= last_day_lived()

-- One row per certificate; workers of restaurants, shops and public places need one every year.
SELECT NULL::BIGINT AS _firm, known(issued) AS _known_on, 'JK' || y || digits8(id, 283) AS certificate_no, resident_id, name AS person_name,
       one_of(['食品生产经营', '食品生产经营', '食品生产经营', '公共场所', '公共场所', '生活饮用水'], id, 0, 'health__health_certificate.trade') AS trade,
       (SELECT any_value(name) FROM county WHERE code = division_code) || '疾病预防控制中心' AS examiner, issued AS issued_on,
       (issued + INTERVAL 1 YEAR)::DATE AS valid_until
FROM (
    SELECT p.*, y, make_date(y, 1, 10) AS on_day,
           (make_date(y, 1, 10) + pick(255, p.id, y, 'health__health_certificate.day')::INTEGER)::DATE AS issued
    FROM person p CROSS JOIN range(2021, 2031) r(y)
    WHERE make_date(y, 1, 10) <= last_day_lived() AND u(p.id, 0, 'health__health_certificate') < 0.16
      AND u(p.id, y, 'health__health_certificate.again') < 0.85
)

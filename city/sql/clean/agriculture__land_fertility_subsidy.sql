-- One row per farmer and year paid.
SELECT NULL::BIGINT AS _firm, known(on_day) AS _known_on, resident_id, name AS person_name, y::BIGINT AS subsidy_year, division_code,
       one_of(['中心村', '前进村', '河西村', '龙井村', '石桥村', '新塘村', '高庄村', '柳树村'], id, 0, 'agriculture__land_fertility_subsidy.village') AS village,
       (tenths_mu / 10.0)::DOUBLE AS area_mu, yuan(7600 + 100 * (y - 2020)) AS rate_yuan, yuan(tenths_mu * (760 + 10 * (y - 2020))) AS paid_yuan,
       (on_day + pick(30, id, y, 'agriculture__land_fertility_subsidy.paid')::INTEGER)::DATE AS paid_on
FROM (
    SELECT p.*, y, make_date(y, 6, 20) AS on_day,
           8 + pick(90, p.id, 0, 'agriculture__land_fertility_subsidy.area') AS tenths_mu
    FROM person p CROSS JOIN range(2020, 2031) r(y)
    WHERE make_date(y, 6, 20) <= last_day_lived() AND u(p.id, 0, 'agriculture__land_fertility_subsidy') < 0.30
      AND u(p.id, y, 'agriculture__land_fertility_subsidy.skip') < 0.96
)

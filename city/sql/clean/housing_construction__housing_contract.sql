-- One row per contract for a home, again when it is cancelled.
SELECT NULL::BIGINT AS _firm, unnest(versions(on_day, cancelled)) AS _known_on, year(on_day) || 'YS' || digits8(id, 139) AS contract_no, resident_id,
       name AS person_name, division_code,
       one_of(['淠河花园', '梅山壹号', '皋城府', '月亮岛小区', '大别山庄', '龙河名邸', '高铁新城小区'], id, 0, 'housing_construction__housing_contract.estate') AS project_name,
       (area / 100.0)::DOUBLE AS area_m2, yuan(area * (5200 + pick(3800, id, 0, 'housing_construction__housing_contract.price'))) AS price_yuan,
       yuan(area * (5200 + pick(3800, id, 0, 'housing_construction__housing_contract.price')) * pick(8, id, 0, 'housing_construction__housing_contract.loan') // 10) AS loan_yuan,
       on_day AS signed_on, told(cancelled, _known_on) AS cancelled_on
FROM (
    SELECT p.*, (DATE '2019-01-01' + pick(3650, p.id, 0, 'housing_construction__housing_contract.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(p.id, 0, 'housing_construction__housing_contract.cancelled') < 0.03 THEN on_day + 30 + pick(300, p.id, 0, 'housing_construction__housing_contract.days')::INTEGER END AS cancelled,
           7000 + pick(7500, p.id, 0, 'housing_construction__housing_contract.area') AS area
    FROM person p
    WHERE u(p.id, 0, 'housing_construction__housing_contract') < 0.22
)
WHERE on_day <= last_day_lived()

-- One row per graduate.
SELECT NULL::BIGINT AS _firm, known(on_day) AS _known_on, resident_id, name AS person_name,
       one_of(['淠河职业技术学院', '淠河卫生职业学院', '示例技师学院', '示例县职业技术学校'], id, 0, 'education__vocational_graduate.school') AS school, y::BIGINT AS graduation_year,
       one_of(['数控技术', '护理', '电子商务', '会计事务', '汽车运用与维修', '建筑工程技术', '学前教育'], id, 0, 'education__vocational_graduate.major') AS major,
       one_of(['就业', '就业', '就业', '就业', '升学', '自主创业', '待业'], id, 0, 'education__vocational_graduate.destination') AS destination,
       CASE WHEN one_of(['就业', '就业', '就业', '就业', '升学', '自主创业', '待业'], id, 0, 'education__vocational_graduate.destination') = '就业' THEN one_of(['民营企业', '国有企业', '机关事业单位', '个体经营'], id, 0, 'education__vocational_graduate.employer') END AS employer_kind
FROM (
    SELECT p.*, year(p.birthday) + 20 AS y, DATE '2022-01-15' + pick(2555, p.id, 0, 'education__vocational_graduate.told')::INTEGER AS on_day FROM person p
    WHERE p.birthday > DATE '1980-01-01' AND u(p.id, 0, 'education__vocational_graduate') < 0.4
)
WHERE on_day <= last_day_lived()

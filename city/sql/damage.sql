-- What clerks do to identifiers and names.

CREATE MACRO wide(s) AS translate(s, '0123456789ABCDEFGHJKLMNPQRTUWXY', '０１２３４５６７８９ＡＢＣＤＥＦＧＨＪＫＬＭＮＰＱＲＴＵＷＸＹ');

-- How an identifier is damaged, for a draw r from 0 to 1. Without a number of old (before October 2015) it is mistyped instead.
CREATE MACRO damage_kind(r, has_old, may_miss) AS CASE
    WHEN r < 0.12 THEN 'lower' WHEN r < 0.22 THEN 'wide' WHEN r < 0.36 THEN 'space' WHEN r < 0.45 THEN 'o_for_0' WHEN r < 0.53 THEN 'i_for_1'
    WHEN r < 0.67 THEN 'wrong_char' WHEN r < 0.75 THEN 'swapped'
    WHEN r < 0.87 THEN CASE WHEN has_old THEN 'old_number' ELSE 'wrong_char' END
    WHEN may_miss THEN 'missing' ELSE 'space' END;

-- The damaged identifier; p is a position from 9 to 16, n a number that chooses among ways.
CREATE MACRO damaged(id, kind, p, n, old_number) AS CASE kind
    WHEN 'lower' THEN lower(id)
    WHEN 'wide' THEN wide(id)
    WHEN 'space' THEN CASE n % 4 WHEN 0 THEN ' ' || id WHEN 1 THEN id || ' ' WHEN 2 THEN left(id, 8) || ' ' || substr(id, 9) ELSE left(id, 4) || ' ' || substr(id, 5, 4) || ' ' || substr(id, 9) END
    WHEN 'o_for_0' THEN replace(id, '0', 'O')
    WHEN 'i_for_1' THEN replace(id, '1', 'I')
    WHEN 'wrong_char' THEN left(id, p::INTEGER - 1) || usci_char((strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(id, p::INTEGER, 1)) + n % 30) % 31) || substr(id, p::INTEGER + 1)
    WHEN 'swapped' THEN left(id, p::INTEGER - 1) || substr(id, p::INTEGER + 1, 1) || substr(id, p::INTEGER, 1) || substr(id, p::INTEGER + 2)
    WHEN 'old_number' THEN old_number
    WHEN 'missing' THEN NULL
    ELSE id END;

-- How a name differs from the registered one, for a draw r.
CREATE MACRO name_damage_kind(r, name, has_former) AS CASE
    WHEN has_former AND r < 0.55 THEN 'former_name'
    WHEN contains(name, '（') THEN 'brackets'
    WHEN contains(name, '有限责任公司') AND r < 0.7 THEN 'form'
    WHEN r < 0.60 THEN 'division' WHEN r < 0.80 THEN 'space' ELSE 'similar' END;

CREATE MACRO damaged_name(name, kind, former, city_name, county_name) AS CASE kind
    WHEN 'former_name' THEN former
    WHEN 'brackets' THEN replace(replace(name, '（', '('), '）', ')')
    WHEN 'form' THEN replace(name, '有限责任公司', '有限公司')
    WHEN 'division' THEN CASE WHEN starts_with(name, city_name) THEN substr(name, length(city_name) + 1) WHEN starts_with(name, county_name) THEN substr(name, length(county_name) + 1)
                              WHEN starts_with(name, '安徽') THEN '安徽省' || substr(name, 3) ELSE name END
    WHEN 'space' THEN left(name, 3) || ' ' || substr(name, 4)
    WHEN 'similar' THEN translate(name, (SELECT right_chars FROM similar_list), (SELECT wrong_chars FROM similar_list))
    ELSE name END;

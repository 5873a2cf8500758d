-- What departments wrote about the firms. From firm. Made: record, one row per record.
CREATE TEMP TABLE pool AS
SELECT origin <> 'inside' AS outside, origin NOT IN ('inside', 'outside') AS namesake, row_number() OVER (PARTITION BY outside, namesake ORDER BY id) AS no, id FROM firm;

CREATE TEMP TABLE record AS
WITH meant AS (
    SELECT n AS no, CASE WHEN u(n, 'r.outside') >= outside() THEN 0 WHEN u(n, 'r.namesake') < 0.5 THEN 1 ELSE 2 END AS which
    FROM range(1, records() + 1) t(n)
),
sizes AS (
    SELECT CASE WHEN NOT outside THEN 0 WHEN namesake THEN 1 ELSE 2 END AS which, count(*) AS size FROM pool GROUP BY ALL
),
chosen AS (
    SELECT m.no, p.id FROM meant m JOIN sizes s USING (which)
    JOIN pool p ON p.outside = (m.which > 0) AND p.namesake = (m.which = 1) AND p.no = 1 + pick(s.size, m.no, 'r.firm')
),
told AS (
    SELECT c.no, f.*, CASE WHEN u(c.no, 'r.bare') < bare() THEN 'bare' ELSE 'code' END AS class,
           CASE WHEN u(c.no, 'r.damage') < damage() THEN
               CASE WHEN u(c.no, 'r.how') < 0.12 THEN 'lower' WHEN u(c.no, 'r.how') < 0.22 THEN 'wide' WHEN u(c.no, 'r.how') < 0.36 THEN 'space' WHEN u(c.no, 'r.how') < 0.45 THEN 'o_for_0'
                    WHEN u(c.no, 'r.how') < 0.53 THEN 'i_for_1' WHEN u(c.no, 'r.how') < 0.67 THEN 'wrong_char' WHEN u(c.no, 'r.how') < 0.75 THEN 'swapped'
                    WHEN u(c.no, 'r.how') < 0.87 THEN CASE WHEN reg_no IS NOT NULL THEN 'old_number' ELSE 'wrong_char' END ELSE 'missing' END END AS damage,
           CASE WHEN u(c.no, 'r.name') < 0.10 THEN
               CASE WHEN u(c.no, 'r.name.how') < 0.22 THEN 'division' WHEN u(c.no, 'r.name.how') < 0.40 THEN 'space' WHEN u(c.no, 'r.name.how') < 0.55 THEN 'similar' WHEN u(c.no, 'r.name.how') < 0.68 THEN 'brackets'
                    WHEN u(c.no, 'r.name.how') < 0.80 THEN 'short' WHEN u(c.no, 'r.name.how') < 0.90 THEN 'traditional' ELSE 'sound' END END AS name_drawn,
           9 + pick(8, c.no, 'r.at') AS spot, pick(840, c.no, 'r.way') AS way
    FROM chosen c JOIN firm f USING (id)
),
written AS (
    SELECT *, CASE WHEN class = 'bare' THEN NULL ELSE CASE damage
               WHEN 'lower' THEN lower(usci)
               WHEN 'wide' THEN translate(usci, '0123456789ABCDEFGHJKLMNPQRTUWXY', '０１２３４５６７８９ＡＢＣＤＥＦＧＨＪＫＬＭＮＰＱＲＴＵＷＸＹ')
               WHEN 'space' THEN left(usci, 8) || ' ' || substr(usci, 9)
               WHEN 'o_for_0' THEN replace(usci, '0', 'O') WHEN 'i_for_1' THEN replace(usci, '1', 'I')
               WHEN 'wrong_char' THEN left(usci, spot::INTEGER - 1) || usci_char((strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(usci, spot::INTEGER, 1)) + way % 30) % 31) || substr(usci, spot::INTEGER + 1)
               WHEN 'swapped' THEN left(usci, spot::INTEGER - 1) || substr(usci, spot::INTEGER + 1, 1) || substr(usci, spot::INTEGER, 1) || substr(usci, spot::INTEGER + 2)
               WHEN 'old_number' THEN reg_no WHEN 'missing' THEN NULL ELSE usci END END AS usci_written,
           CASE name_drawn
               WHEN 'division' THEN regexp_replace(name, '^(六安市|金安区|裕安区|叶集区|霍邱县|舒城县|金寨县|霍山县)', '')
               WHEN 'space' THEN left(name, 3) || ' ' || substr(name, 4)
               WHEN 'similar' THEN translate(name, '源达丰润诚鑫辉晟铭誉皋睿', '原大峰闰成新晖盛名裕高瑞')
               WHEN 'brackets' THEN CASE WHEN contains(name, '（') THEN replace(replace(name, '（', '('), '）', ')') ELSE regexp_replace(name, '^(..)[市区县](.+?)(有限|股份|店|部|行)', '\2(\1)\3') END
               WHEN 'short' THEN regexp_replace(name, '(股份)?有限(责任)?公司$', '')
               WHEN 'traditional' THEN translate(name, '华东业农产贸电机车医药饮广龙凤达远万银钢阳云飞马鲜圣联传发兴荣丰泽润', '華東業農產貿電機車醫藥飲廣龍鳳達遠萬銀鋼陽雲飛馬鮮聖聯傳發興榮豐澤潤')
               WHEN 'sound' THEN translate(name, '恒宏德盛泰隆昌嘉和康博卓汇鼎尚优星', '衡洪得胜太龙常佳合慷波桌惠顶上悠兴')
               ELSE name END AS name_written,
           CASE WHEN class = 'bare' AND u(no, 'r.person') < 0.4 THEN NULL WHEN u(no, 'r.person.other') < 0.03 THEN '赵' || right(legal_person, 1) ELSE legal_person END AS person_written,
           CASE WHEN u(no, 'r.address') < 0.4 THEN NULL WHEN u(no, 'r.address.how') < 0.2 THEN regexp_replace(address, '^六安市', '') WHEN u(no, 'r.address.how') < 0.3 THEN regexp_replace(address, '(号).*$', '\1')
                WHEN u(no, 'r.address.how') < 0.33 THEN substr(address, 1, 9) || '新区88号' ELSE address END AS address_written
    FROM told
)
SELECT no, 'X' || no AS record_id, firm_id, kind, class, origin, CASE WHEN class = 'code' AND usci_written IS DISTINCT FROM usci THEN damage END AS damage,
       CASE WHEN name_written <> name THEN name_drawn END AS name_damage,
       name_written AS name, usci_written AS usci, NULL::VARCHAR AS reg_no, address_written AS address, person_written AS legal_person
FROM written;

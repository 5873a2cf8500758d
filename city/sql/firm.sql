-- Who lives in the city. Given: firms(), city(). Made: county, person, firm, customer.

-- One row per county of this city, with its share of the unit interval.
CREATE TABLE county AS
SELECT c.code, c.name, c.towns, city_list.code AS city_code, city_list.name AS city_name, city_list.area_code,
       sum(weight) OVER up_to / sum(weight) OVER () - weight / sum(weight) OVER () AS low,
       sum(weight) OVER up_to / sum(weight) OVER () AS high
FROM county_list c JOIN city_list ON city_list.code = c.city
WHERE c.city = city()
WINDOW up_to AS (ORDER BY c.code);

-- One row per industry class and kind of firm, with its share of the unit interval.
CREATE TABLE industry AS
SELECT i.* EXCLUDE (share_e, share_i), kind,
       (sum(share) OVER by_code - share) / sum(share) OVER (PARTITION BY kind) AS low,
       sum(share) OVER by_code / sum(share) OVER (PARTITION BY kind) AS high
FROM (SELECT *, 'enterprise' AS kind, share_e AS share FROM industry_list WHERE share_e > 0
      UNION ALL SELECT *, 'individual', share_i FROM industry_list WHERE share_i > 0) i
WINDOW by_code AS (PARTITION BY kind ORDER BY code);

-- One row per person: three for each firm (whoever heads it first, a successor, a partner) and as many who have no firm.
-- Birthdays run through the years 1958 to 1990; the sequence number keeps the resident IDs apart.
CREATE TABLE person AS
WITH born AS (
    SELECT id, (id * 7919) % 12053 AS day, id // 12053 AS lap FROM range(1, 4 * firms() + 1) t(id)
), numbered AS (
    SELECT id, DATE '1958-01-01' + day::INTEGER AS birthday, (pick(1000, day, 0, 'person.seq') + lap * 37) % 1000 AS seq,
           county.code AS division_code
    FROM born JOIN county ON u(id, 0, 'person.county') BETWEEN county.low AND county.high
), coded AS (
    SELECT *, division_code || strftime(birthday, '%Y%m%d') || lpad(seq::VARCHAR, 3, '0') AS first17 FROM numbered
)
SELECT id, division_code, birthday, first17 || resident_check(first17) AS resident_id,
       one_of((SELECT list(surname) FROM surname_list), id, 0, 'person.surname')
       || CASE WHEN u(id, 0, 'person.two') < 0.72 THEN one_of(given_list.middle, id, 0, 'person.middle') ELSE '' END
       || CASE WHEN seq % 2 = 1 THEN one_of(given_list.male, id, 0, 'person.given')
               ELSE one_of(given_list.female, id, 0, 'person.given') END AS name
FROM coded, given_list;

-- One row per firm that ever lives: its identifiers, what it is and how large; nothing that moves with time but names.
CREATE TABLE firm AS
WITH drawn AS (
    SELECT id AS firm, CASE WHEN u(id, 0, 'kind') < 0.6 THEN 'enterprise' ELSE 'individual' END AS kind,
           CASE WHEN u(id, 0, 'born.when') < 0.84
                THEN DATE '2021-12-20' - (200 + 6800 * power(u(id, 0, 'born.before'), 1.7))::INTEGER
                ELSE DATE '2022-01-05' + pick(1690, id, 0, 'born.in')::INTEGER END AS born_drawn,
           -- One in twenty heads is the head of an earlier firm too.
           CASE WHEN id > 20 AND u(id, 0, 'head.shared') < 0.05 THEN pick(id - 1, id, 0, 'head.of') + 1 ELSE id END AS head,
           z(id, 0, 'size') AS z_size, z(id, 0, 'health') AS z_health
    FROM range(1, firms() + 1) t(id)
), placed AS (
    SELECT d.*, greatest(born_drawn, (person.birthday + INTERVAL 21 YEAR)::DATE) AS born, county.code AS division_code, county.name AS county_name, county.city_name, county.area_code, county.towns,
           i.* EXCLUDE (kind, low, high, name),
           1.05 * z_health AS mu, 0.85 * z_size + 0.28 * z_health AS log_size
    FROM drawn d
    JOIN person ON person.id = d.head
    JOIN county ON u(firm, 0, 'county') BETWEEN county.low AND county.high
    JOIN industry i ON i.kind = d.kind AND u(firm, 0, 'industry') BETWEEN i.low AND i.high
), coded AS (
    SELECT *, CASE WHEN born < DATE '2015-10-01' THEN (50000000 + (firm * 27644437 + 1234567) % 30000000)::VARCHAR
                   ELSE 'MA' || code6(firm) END AS org8,
           division_code || digits8(firm, 20080000) AS reg14
    FROM placed
), checked AS (
    SELECT *, org8 || org_check(org8) AS org_code FROM coded
), named AS (
    SELECT *, CASE kind WHEN 'enterprise' THEN '91' ELSE '92' END || division_code || org_code AS first17,
        CASE WHEN kind = 'individual' THEN
            CASE pick(5, firm, 0, 'trade.kind')
                WHEN 0 THEN '老' || one_of((SELECT list(surname) FROM surname_list), firm, 0, 'trade.a')
                WHEN 1 THEN one_of((SELECT list(surname) FROM surname_list), firm, 0, 'trade.a') || '记'
                WHEN 2 THEN one_of(given_list.female, firm, 0, 'trade.a') || one_of(given_list.female, firm, 0, 'trade.b')
                ELSE one_of(trade_list.first, firm, 0, 'trade.a') || one_of(trade_list.second, firm, 0, 'trade.b') END
        WHEN u(firm, 0, 'trade.special') < 0.03 THEN one_of(trade_list.special, firm, 0, 'trade.a')
        ELSE one_of(trade_list.first, firm, 0, 'trade.a') || one_of(trade_list.second, firm, 0, 'trade.b')
             || CASE WHEN u(firm, 0, 'trade.three') < 0.22 THEN one_of(trade_list.third, firm, 0, 'trade.c') ELSE '' END
        END AS trade_drawn,
        one_of(words, firm, 0, 'name.word') AS word,
        CASE WHEN kind = 'individual' THEN
            CASE section WHEN 'H' THEN one_of(['店', '馆', '小吃店', '饭店', '酒家'], firm, 0, 'form')
                         WHEN 'G' THEN one_of(['部', '服务部', '户'], firm, 0, 'form')
                         WHEN 'A' THEN one_of(['场', '家庭农场', '基地'], firm, 0, 'form')
                         WHEN 'C' THEN one_of(['厂', '加工厂', '作坊'], firm, 0, 'form')
                         ELSE one_of(['店', '经营部', '商行', '门市部', '服务部', '批发部'], firm, 0, 'form') END
        ELSE CASE WHEN u(firm, 0, 'form') < 0.80 THEN '有限公司'
                  WHEN u(firm, 0, 'form') < 0.95 THEN '有限责任公司'
                  WHEN u(firm, 0, 'form') < 0.97 THEN '股份有限公司'
                  ELSE CASE section WHEN 'C' THEN '厂' ELSE '中心' END END END AS form,
        pick(100, firm, 0, 'name.place') AS place
    FROM checked, given_list, trade_list
), distinct_trade AS (
    -- Within a city no two enterprises bear one name in one trade: those that come later take more characters.
    SELECT n.*, trade_drawn || CASE WHEN kind = 'enterprise' AND twin = 2 THEN one_of(trade_list.third, firm, 2, 'trade.twin')
                                    WHEN kind = 'enterprise' AND twin > 2
                                    THEN one_of(trade_list.second, firm, 3, 'trade.twin') || one_of(trade_list.first, twin, 4, 'trade.twin')
                                    ELSE '' END AS trade
    FROM (SELECT *, row_number() OVER (PARTITION BY kind, trade_drawn, word ORDER BY born, firm) AS twin FROM named) n, trade_list
), full_name AS (
    SELECT *,
        CASE WHEN kind = 'individual' THEN
                CASE WHEN place < 12 THEN trade || word || form
                     WHEN place < 80 THEN county_name || trade || word || form
                     ELSE county_name || one_of(towns, firm, 0, 'town') || trade || word || form END
             WHEN place < 46 THEN city_name || trade || word || form
             WHEN place < 84 THEN county_name || trade || word || form
             WHEN place < 94 THEN '安徽' || trade || word || form
             ELSE trade || '（' || left(city_name, 2) || '）' || word || form END AS name_drawn
    FROM distinct_trade
), unique_name AS (
    SELECT *, CASE WHEN kind = 'enterprise' AND again > 1
                   THEN replace(name_drawn, trade, trade || one_of(['鸿', '坤', '骏', '谦', '毅', '翰', '皓', '霖'], firm, again, 'again')
                        || CASE WHEN again > 2 THEN usci_char(again) ELSE '' END)
                   ELSE name_drawn END AS name
    FROM (SELECT *, row_number() OVER (PARTITION BY kind, name_drawn ORDER BY born, firm) AS again FROM full_name)
)
SELECT firm, kind, born, division_code, county_name, city_name, section, code AS industry_code, words, season, mu, log_size,
       first17 || usci_check(first17) AS usci,
       CASE WHEN born < DATE '2015-10-01' THEN reg14 || reg_check(reg14) END AS reg_no,
       org_code,
       CASE WHEN born < DATE '2015-10-01' THEN division_code || org_code END AS old_tax_no,
       name, trade, word, form,
       -- A new name from this day on (14 % of enterprises; a third of them before the window opened).
       CASE WHEN kind = 'enterprise' AND u(firm, 0, 'renamed') < 0.14
            THEN greatest(DATE '2020-07-01' + pick(2200, firm, 0, 'renamed.on')::INTEGER, born + 300) END AS renamed_on,
       CASE WHEN u(firm, 0, 'renamed.how') < 0.5
            THEN replace(name, trade, one_of(trade_list.first, firm, 9, 'old.a') || one_of(trade_list.second, firm, 9, 'old.b'))
            ELSE replace(name, word, CASE WHEN word = '商贸' THEN '贸易' ELSE '商贸' END) END AS old_name,
       head,        firms() + firm AS successor, 2 * firms() + firm AS partner,
       city_name || county_name || CASE WHEN section = 'C' AND u(firm, 0, 'park') < 0.6
                THEN one_of(parks, firm, 0, 'park.name') || one_of(roads, firm, 0, 'road') || (1 + pick(60, firm, 0, 'door')) || '号'
            WHEN u(firm, 0, 'town.addr') < 0.35 THEN one_of(towns, firm, 0, 'town') || '街道' || (1 + pick(300, firm, 0, 'door')) || '号'
            ELSE one_of(roads, firm, 0, 'road') || (1 + pick(400, firm, 0, 'door')) || '号'
                 || CASE WHEN kind = 'enterprise' AND u(firm, 0, 'room') < 0.5 THEN (1 + pick(12, firm, 0, 'block')) || '幢' || (101 + pick(1800, firm, 0, 'room')) || '室' ELSE '' END
            END AS address,
       CASE WHEN u(firm, 0, 'phone.kind') < 0.8
            THEN one_of(['138', '139', '136', '150', '158', '187', '133', '189', '186', '177'], firm, 0, 'phone') || lpad(pick(100000000, firm, 0, 'phone.no')::VARCHAR, 8, '0')
            ELSE area_code || '-' || (3200000 + pick(5700000, firm, 0, 'phone.no'))::VARCHAR END AS phone,
       -- Median monthly sales in fen when all is normal; an individual business is a tenth to a twentieth of an enterprise.
       1000000 * sales_wan * exp(log_size) * CASE kind WHEN 'individual' THEN 0.09 ELSE 0.8 END AS base_sales,
       margin, kwh_per_wan, people_per_wan, city_share, invoices,
       0.02 * z(firm, 0, 'trend') + 0.015 * mu AS trend
FROM unique_name, trade_list, road_list;

-- No firm takes up a name that another bears, and none is renamed before it could be.
UPDATE firm SET renamed_on = NULL WHERE renamed_on > last_day_lived() OR old_name IN (SELECT name FROM firm);

-- Up to three customers of the city for each firm that sells to firms, larger ones more likely than smaller ones.
-- One row per seller and customer; share is the customer's part of the seller's sales in the city, in thousandths.
CREATE TABLE customer AS
WITH ranked AS (
    SELECT firm, city_share, row_number() OVER (ORDER BY base_sales, firm) AS rank, count(*) OVER () AS ranks FROM firm
), drawn AS (
    SELECT r.firm AS seller, k, least(ranks, greatest(1, rank + (ranks * (0.06 + 0.14 * z(r.firm, k, 'customer')))::BIGINT)) AS rank,
           [550, 300, 150][k] AS share
    FROM ranked r, range(1, 4) t(k)
    WHERE u(r.firm, k, 'customer.has') < r.city_share * 1.6
)
SELECT d.seller, r.firm AS buyer, sum(d.share)::BIGINT AS share
FROM drawn d JOIN ranked r USING (rank)
WHERE r.firm <> d.seller
GROUP BY ALL;

-- The firms, in the reference and outside it. Given: seed(), firms(), trade_given. Made: firm, one row per firm:
-- id, firm_id, origin (inside; outside; division, industry, form: a namesake of an inside firm that differs in that part alone), kind, its codes
-- and names.
CREATE MACRO u(id, purpose) AS ((hash(hash(seed(), id::BIGINT, purpose)) >> 12)::DOUBLE + 0.5) / 4503599627370496.0;
CREATE MACRO pick(n, id, purpose) AS ((hash(hash(seed(), id::BIGINT, purpose)) >> 8) % n::UBIGINT)::BIGINT;
CREATE MACRO one_of(list, id, purpose) AS list[1 + pick(len(list), id, purpose)];
CREATE MACRO usci_char(i) AS substr('0123456789ABCDEFGHJKLMNPQRTUWXY', i::INTEGER + 1, 1);
CREATE MACRO usci_check(first17) AS usci_char((31 - list_sum(list_transform(range(1, 18), lambda i:
    (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(first17, i::INTEGER, 1)) - 1)
    * [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28][i])) % 31) % 31);
CREATE MACRO org_check(first8) AS substr('0123456789X0', 12 - (list_sum(list_transform(range(1, 9), lambda i:
    (strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', substr(first8, i::INTEGER, 1)) - 1)
    * [3, 7, 9, 10, 5, 8, 4, 2][i])) % 11)::INTEGER, 1);
CREATE MACRO reg_check(first14) AS ((11 - list_reduce(
    list_prepend(10::BIGINT, list_transform(range(1, 15), lambda i: substr(first14, i::INTEGER, 1)::BIGINT)),
    lambda p, d: (CASE WHEN (p + d) % 10 = 0 THEN 10 ELSE (p + d) % 10 END * 2) % 11)) % 10)::VARCHAR;
CREATE MACRO code6(n) AS list_reduce(list_transform([28629151, 923521, 29791, 961, 31, 1], lambda p:
    usci_char(((n::BIGINT * 531441001 + 7777777) % 887503681) // p % 31)), lambda a, b: a || b);

-- One row of lists.
CREATE TEMP TABLE list AS SELECT
    [['341502', '六安市', '金安区'], ['341503', '六安市', '裕安区'], ['341504', '六安市', '叶集区'], ['341522', '六安市', '霍邱县'], ['341523', '六安市', '舒城县'],
     ['341524', '六安市', '金寨县'], ['341525', '六安市', '霍山县']] AS places,
    ['合肥市', '阜阳市', '淮南市', '安庆市', '蜀山区', '颍州区', '寿县', '南京市', '武汉市', '信阳市'] AS elsewhere,
    ['农业科技', '生态农业', '商贸', '贸易', '建材', '建筑工程', '装饰工程', '劳务', '人力资源', '物流', '运输', '电子商务', '网络科技', '信息技术', '智能科技', '机械制造', '机电设备', '五金机电',
     '食品', '粮油', '茶业', '酒业', '服饰', '制衣', '家居', '木业', '包装', '印务', '塑业', '新材料', '钢结构', '市政工程', '园林绿化', '广告传媒', '文化传媒', '医药', '餐饮管理',
     '酒店管理', '旅游', '汽车服务', '环保科技', '新能源', '房地产开发', '物业服务', '教育咨询', '企业管理', '工程设计', '水产养殖', '苗木', '家具'] AS trades_of,
    ['小吃', '副食', '百货', '五金', '服装', '理发', '汽修', '烟酒', '水果', '蔬菜', '早点', '鞋服', '水暖器材', '文具', '茶叶', '通讯', '面馆', '美容', '粮油', '建材'] AS shops_of,
    ['店', '经营部', '商行', '门市部', '服务部', '批发部', '馆', '厂', '超市'] AS shop_forms,
    string_split('王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程魏苏吕丁任沈姚卢姜崔钟谭汪范金石', '') AS surnames,
    string_split('伟强军勇磊涛明超刚平辉建国志文海波鹏飞宇杰斌浩亮成林峰俊芳娜秀英敏静丽艳娟霞萍红玲燕桂兰梅琳雪慧莉', '') AS given,
    string_split('华瑞金恒鑫宏德永天盛安泰隆兴昌荣嘉和顺康新大中东皖龙凤云红绿青博卓晟铭誉众亿万百同聚启航睿智诺正元佳美凯凌旭晨朗锦富祥福吉利广益汇鼎尚优领星海江山淠皋', '') AS first,
    string_split('源达丰润诚信发远腾辉通宇茂旺创昊翔泽洋森林峰成业邦维捷联合盈顺泰隆鸿图瑞丰安宁佳禾田野康乐景程阳光明亮华盛世荣升品尚奇锐力', '') AS second,
    string_split('达源兴盛隆泰祥和丰华林鑫', '') AS third,
    ['皖西大道', '解放南路', '梅山中路', '人民路', '龙河路', '大别山路', '长安北路', '佛子岭路', '寿春路', '正阳路', '迎宾大道', '胜利路', '文化路', '建设路', '和平路'] AS roads;

CREATE TEMP TABLE drawn AS
WITH numbered AS (
    SELECT id, CASE WHEN u(id, 'kind') < 0.6 THEN 'enterprise' ELSE 'individual' END AS kind, one_of(places, id, 'place') AS place,
           u(id, 'old') < 0.4 AS old, list.*, pick(100, id, 'order') AS how,
           CASE WHEN (SELECT count(*) FROM trade_given) > 0 THEN 1 + pick((SELECT count(*) FROM trade_given), id, 'trade') END AS trade_no
    FROM range(1, 2 * firms() + 1) t(id), list
)
SELECT n.id, kind, place[1] AS division_code, place[2] AS city, place[3] AS county, old, how,
       CASE WHEN kind = 'individual' AND u(id, 'shop') < 0.5 THEN one_of(surnames, id, 'trade.s') || CASE pick(2, id, 'trade.k') WHEN 0 THEN '记' ELSE '氏' END
            WHEN trade_no IS NOT NULL THEN t.trade
            ELSE one_of(first, id, 'trade.a') || one_of(second, id, 'trade.b') || CASE WHEN u(id, 'trade.three') < 0.25 THEN one_of(third, id, 'trade.c') ELSE '' END END AS trade,
       CASE kind WHEN 'individual' THEN one_of(shops_of, id, 'word') ELSE one_of(trades_of, id, 'word') END AS word,
       CASE WHEN kind = 'individual' THEN one_of(shop_forms, id, 'form')
            WHEN u(id, 'form') < 0.8 THEN '有限公司' WHEN u(id, 'form') < 0.95 THEN '有限责任公司' ELSE '股份有限公司' END AS form,
       one_of(surnames, id, 'surname') || one_of(given, id, 'given.a') || CASE WHEN u(id, 'given') < 0.7 THEN one_of(given, id, 'given.b') ELSE '' END AS legal_person,
       place[2] || place[3] || one_of(roads, id, 'road') || (1 + pick(400, id, 'door')) || '号' ||
           CASE WHEN u(id, 'room') < 0.4 THEN (1 + pick(12, id, 'block')) || '幢' || (101 + pick(1800, id, 'room.no')) || '室' ELSE '' END AS address
FROM numbered n LEFT JOIN trade_given t ON t.no = n.trade_no;

CREATE MACRO name_of(kind, how, city, county, trade, word, form) AS CASE
    WHEN kind = 'individual' THEN CASE WHEN how < 12 THEN '' ELSE county END || trade || word || form
    WHEN how < 46 THEN city || trade || word || form
    WHEN how < 84 THEN county || trade || word || form
    WHEN how < 94 THEN '安徽' || trade || word || form
    ELSE trade || '（' || left(city, 2) || '）' || word || form END;

-- No two enterprises bear one name, whatever its form; the first firms() that are left are inside, as many as a quarter of them outside.
CREATE TEMP TABLE settled AS
SELECT *, row_number() OVER (ORDER BY id) AS place
FROM (
    SELECT *, name_of(kind, how, city, county, trade, word, form) AS name FROM drawn
    QUALIFY kind = 'individual' OR row_number() OVER (PARTITION BY kind, name_of(kind, how, city, county, trade, word, '') ORDER BY id) = 1
)
QUALIFY place <= 5 * firms() // 4;

CREATE TEMP TABLE firm AS
WITH every AS (
    SELECT id, CASE WHEN place <= firms() THEN 'inside' ELSE 'outside' END AS origin, kind, division_code, name, legal_person, address, old FROM settled
    UNION ALL
    SELECT 10000000 + id, part, kind, division_code,
           CASE part WHEN 'division' THEN name_of(kind, 0 + how % 46, one_of(elsewhere, id, 'other'), one_of(elsewhere, id, 'other'), trade, word, form)
                     WHEN 'industry' THEN name_of(kind, how, city, county, trade, CASE kind WHEN 'individual' THEN one_of(shops_of, id, 'other') ELSE one_of(trades_of, id, 'other') END, form)
                     ELSE name_of(kind, how, city, county, trade, word, CASE kind WHEN 'individual' THEN one_of(shop_forms, id, 'other') ELSE
                              CASE WHEN form = '股份有限公司' THEN '有限公司' ELSE one_of(['股份有限公司', '合作社', '厂', '中心'], id, 'other') END END) END,
           -- Three in ten are a sister: the same person heads both; half of the sisters sit at the same address.
           CASE WHEN u(id, 'sister') < 0.3 THEN legal_person ELSE one_of(surnames, id, 'x.surname') || one_of(given, id, 'x.a') || one_of(given, id, 'x.b') END,
           CASE WHEN u(id, 'sister') < 0.15 THEN address ELSE city || county || one_of(roads, id, 'x.road') || (1 + pick(400, id, 'x.door')) || '号' END, old
    FROM (SELECT *, ['division', 'industry', 'form'][1 + pick(3, id, 'part')] AS part FROM settled WHERE place <= firms() AND how NOT BETWEEN 94 AND 99 AND u(id, 'twin') < 0.2), list
),
coded AS (
    SELECT *, CASE WHEN old THEN (50000000 + (id * 27644437 + 1234567) % 30000000)::VARCHAR ELSE 'MA' || code6(id) END AS org8,
           division_code || (10000000 + (id * 48271049 + 20080000) % 90000000) AS reg14
    FROM every
    WHERE origin IN ('inside', 'outside') OR name NOT IN (SELECT name FROM settled)
)
SELECT id, 'F' || id AS firm_id, origin, kind, name, legal_person, address, first17 || usci_check(first17) AS usci, CASE WHEN old THEN reg14 || reg_check(reg14) END AS reg_no
FROM (SELECT *, CASE kind WHEN 'enterprise' THEN '91' ELSE '92' END || division_code || org8 || org_check(org8) AS first17 FROM coded);

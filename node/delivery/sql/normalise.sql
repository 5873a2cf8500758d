-- What the contract can mend in a cell, as functions of one cell's text. Each gives NULL for what it cannot read.
-- They are temporary: every connection that loads makes them anew, so that the lake keeps no copy of an older version.

-- A cell without the blanks around it, NULL when it says that there is nothing. trim takes away every kind of space; tabs and line ends around a
-- cell are gone before (the reader rewrites such files), because a trim with a list of characters costs five times as much. A long IN list would
-- become a join, which is slow and loses the order of the rows.
CREATE OR REPLACE TEMP MACRO says_nothing(t) AS strlen(t) <= 6 AND list_contains(['', '-', '--', '—', '——', '/', '\N', 'NULL', 'null', 'N/A', 'n/a', '无', '空'], t);
CREATE OR REPLACE TEMP MACRO cell(s) AS CASE WHEN says_nothing(trim(s)) THEN NULL ELSE trim(s) END;

-- The same where the text has no other blanks than the ordinary one, and cells that say nothing without blanks around them are NULL already.
CREATE OR REPLACE TEMP MACRO ordinary_cell(s) AS CASE WHEN ends_with(s, ' ') OR starts_with(s, ' ') THEN cell(s) ELSE s END;

-- What a row says is to be done: U (it is new or has changed) or D (it is gone); NULL for any other word.
CREATE OR REPLACE TEMP MACRO operation(s) AS CASE WHEN list_contains(['新增', '变更', '修改', '更新', '增加', 'I', 'U', 'A', 'M', 'INSERT', 'UPDATE', 'UPSERT', 'ADD'], s) THEN 'U'
    WHEN list_contains(['删除', '注销', '撤销', 'D', 'DELETE', 'REMOVE'], s) THEN 'D' END;

-- Full-width digits, letters and signs as half-width ones; most cells have none and are left as they are.
CREATE OR REPLACE TEMP MACRO fold(s) AS CASE WHEN strlen(s) = length(s) THEN s ELSE translate(s,
    '０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ．，－＋／：（）％￥　﹣−',
    '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.,-+/:()%¥ --') END;

CREATE OR REPLACE TEMP MACRO is_plain(s) AS regexp_full_match(s, '[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?');

-- The digits of a number as people write it: 1,234.50 · ¥12.5万元 · (300.00) for minus 300 · 25人 · 60%.
CREATE OR REPLACE TEMP MACRO number_pattern() AS
    '\(?[¥$]?\s*([+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?)\s*(万元|亿元|千元|百万元|人民币元|元|万|亿|人|户|个月|月|天|日|期|吨|度|立方米|千瓦时|kWh|KWH|kwh|年度|年|%)?\)?';
CREATE OR REPLACE TEMP MACRO written_number(f) AS CASE WHEN regexp_full_match(f, number_pattern()) THEN
    try_cast(replace(regexp_extract(f, number_pattern(), 1), ',', '') AS DECIMAL(28,8)) * (CASE WHEN starts_with(f, '(') AND ends_with(f, ')') THEN -1 ELSE 1 END) END;
CREATE OR REPLACE TEMP MACRO written_unit(f) AS CASE regexp_extract(f, number_pattern(), 2)
    WHEN '元' THEN 1 WHEN '人民币元' THEN 1 WHEN '千元' THEN 1000 WHEN '万' THEN 10000 WHEN '万元' THEN 10000
    WHEN '百万元' THEN 1000000 WHEN '亿' THEN 100000000 WHEN '亿元' THEN 100000000 END;

-- What follows is written so that the engine plans it quickly, for it is planned anew for every batch: a value that is needed several times over is
-- computed once, as the one element of a list; only cells that are out of the ordinary come so far.

-- Money in a field whose unit is field_yuan yuan (1 or 10000), under a header whose unit is header_yuan yuan. A unit in the cell goes first.
-- Wide decimals are slow to read (7 µs a cell, against 30 ns for narrow ones), so callers read what is plain and in the field's unit themselves.
CREATE OR REPLACE TEMP MACRO money(s, header_yuan, field_yuan) AS CASE WHEN s IS NULL THEN NULL
    WHEN is_plain(s) THEN try_cast(s AS DECIMAL(28,8))::DECIMAL(38,8) * header_yuan / field_yuan
    ELSE list_transform([fold(s)], lambda f: written_number(f)::DECIMAL(38,8) * coalesce(written_unit(f), header_yuan) / field_yuan)[1] END;
-- The same for plain numbers with a comma before every three digits.
CREATE OR REPLACE TEMP MACRO without_commas(s) AS CASE WHEN contains(s, ',') AND regexp_full_match(s, '[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?') THEN replace(s, ',', '') END;
-- The same for a header in 10,000 yuan over a field in yuan, where six decimals say it all.
CREATE OR REPLACE TEMP MACRO plain_wan(s) AS CASE WHEN NOT contains(s, '_') AND (strpos(s, '.') = 0 OR strlen(s) - strpos(s, '.') <= 6) THEN try_cast(s AS DECIMAL(18,6)) * 10000 END;
CREATE OR REPLACE TEMP MACRO quantity(s) AS CASE WHEN is_plain(s) THEN try_cast(s AS DOUBLE) ELSE list_transform([fold(s)], lambda f: written_number(f)::DOUBLE)[1] END;
CREATE OR REPLACE TEMP MACRO whole(s) AS CASE WHEN s IS NULL THEN NULL
    WHEN try_cast(s AS BIGINT)::VARCHAR = s THEN try_cast(s AS BIGINT)
    WHEN regexp_full_match(s, '[+-]?[0-9]{1,18}') THEN try_cast(s AS BIGINT)
    ELSE list_transform([quantity(s)], lambda q: CASE WHEN q = floor(q) THEN try_cast(q AS BIGINT) END)[1] END;

-- A day: 2024-03-05, 2024/3/5, 20240305, 2024年3月5日, 2024.3.5, each with or without a time, or the serial number that Excel keeps.
CREATE OR REPLACE TEMP MACRO day_part(f) AS regexp_replace(f, '[ T]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?$', '');
CREATE OR REPLACE TEMP MACRO serial_day(f) AS CASE WHEN regexp_full_match(f, '[2-7][0-9]{4}(\.[0-9]+)?') THEN DATE '1899-12-30' + try_cast(floor(try_cast(f AS DOUBLE)) AS INTEGER) END;
CREATE OR REPLACE TEMP MACRO written_day(f) AS CASE
    WHEN contains(f, '年') THEN try_strptime(rtrim(f, '日号'), '%Y年%m月%d')
    WHEN contains(f, '-') THEN try_strptime(f, '%Y-%m-%d')
    WHEN contains(f, '/') THEN try_strptime(f, '%Y/%m/%d')
    WHEN regexp_full_match(f, '[0-9]{8}') THEN try_strptime(f, '%Y%m%d')
    WHEN regexp_full_match(f, '[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,2}') THEN try_strptime(f, '%Y.%m.%d')
    END::DATE;
CREATE OR REPLACE TEMP MACRO slow_day(s) AS CASE WHEN s IS NULL THEN NULL ELSE list_transform([day_part(fold(s))], lambda f: coalesce(
    CASE WHEN regexp_full_match(f, '[0-9]{4}(-[0-9]{1,2}-|/[0-9]{1,2}/)[0-9]{1,2}') THEN try_cast(f AS DATE) END, written_day(f), serial_day(f)))[1] END;
-- The forms that nearly all files have are read without looking for a pattern: what the engine's own conversion takes, in years of four digits
-- (2024-03-05, 2024/3/5), eight digits, and 2024年3月5日.
CREATE OR REPLACE TEMP MACRO plausible_day(d) AS CASE WHEN d BETWEEN DATE '1000-01-01' AND DATE '9999-12-31' THEN d END;
CREATE OR REPLACE TEMP MACRO day(s) AS coalesce(
    CASE strlen(s) WHEN 8 THEN plausible_day(try_cast(concat(s[:4], '-', s[5:6], '-', s[7:8]) AS DATE)) END,
    CASE WHEN strlen(s) BETWEEN 8 AND 10 THEN plausible_day(try_cast(s AS DATE))
        WHEN strlen(s) BETWEEN 15 AND 17 THEN plausible_day(try_cast(translate(s, '年月日', '--') AS DATE)) END, slow_day(s));

-- A month, as its first day: 2024-03, 2024/3, 202403, 2024年3月, 2024.03, or any day of it.
CREATE OR REPLACE TEMP MACRO written_month(f) AS CASE
    WHEN regexp_full_match(f, '[12][0-9]{3}[-/.年]?(0?[1-9]|1[0-2])月?(份)?') AND (length(f) > 5 OR NOT regexp_full_match(f, '[0-9]+'))
    THEN make_date(regexp_extract(f, '^([0-9]{4})[-/.年]?([0-9]{1,2})', 1)::BIGINT, regexp_extract(f, '^([0-9]{4})[-/.年]?([0-9]{1,2})', 2)::BIGINT, 1) END;
CREATE OR REPLACE TEMP MACRO slow_month(s) AS CASE WHEN s IS NULL THEN NULL
    ELSE coalesce(list_transform([fold(s)], lambda f: written_month(f))[1], date_trunc('month', day(s))::DATE) END;
CREATE OR REPLACE TEMP MACRO month_of(s) AS coalesce(
    CASE strlen(s) WHEN 7 THEN plausible_day(try_cast(s || '-01' AS DATE)) WHEN 6 THEN plausible_day(try_cast(concat(s[:4], '-', s[5:6], '-01') AS DATE))
        WHEN 11 THEN plausible_day(try_cast(concat(translate(s, '年月', '-'), '-01') AS DATE)) WHEN 12 THEN plausible_day(try_cast(concat(translate(s, '年月', '-'), '-01') AS DATE))
        WHEN 10 THEN date_trunc('month', plausible_day(try_cast(s AS DATE)))::DATE END, slow_month(s));

-- The shape of a value: what it looks like, with nothing of what it says.
CREATE OR REPLACE TEMP MACRO shape(s) AS CASE WHEN s IS NULL OR trim(s) = '' THEN '空' ELSE
    left(regexp_replace(regexp_replace(regexp_replace(s, '[0-9０-９]', '9', 'g'), '[A-Za-zＡ-Ｚａ-ｚ]', 'A', 'g'), '[^9A\x00-\x7F年月日（）]', '文', 'g'), 40) END;

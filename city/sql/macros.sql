-- Functions that every other file of the city is written in. seed() is created before this file runs.
--
-- Randomness is a hash of (seed, entity, month or sequence, purpose): the same question has the same answer whatever
-- the order of rows or the number of threads. Sums over rows are taken of integers only, for the same reason.

-- The outer hash matters: combined hashes of neighbouring questions are correlated.
CREATE MACRO mix(id, t, purpose) AS hash(hash(seed(), id::BIGINT, t::BIGINT, purpose));

-- Uniform in (0, 1).
CREATE MACRO u(id, t, purpose) AS
    ((mix(id, t, purpose) >> 12)::DOUBLE + 0.5) / 4503599627370496.0;

-- Standard normal (Box and Muller).
CREATE MACRO z(id, t, purpose) AS
    sqrt(-2 * ln(u(id, t, purpose))) * cos(6.283185307179586 * u(id, t, purpose || '~'));

-- A whole number from 0 to n-1.
CREATE MACRO pick(n, id, t, purpose) AS ((mix(id, t, purpose) >> 8) % n::UBIGINT)::BIGINT;

-- A member of a list.
CREATE MACRO one_of(list, id, t, purpose) AS list[1 + pick(len(list), id, t, purpose)];

CREATE MACRO logistic(x) AS 1 / (1 + exp(-(x)));

-- A whole number whose mean is x: its floor, or one more as often as its fraction says.
CREATE MACRO whole(x, id, t, purpose) AS floor(greatest(x, 0) + u(id, t, purpose))::BIGINT;

CREATE MACRO yuan(fen) AS (fen::BIGINT::DECIMAL(18, 0) / 100)::DECIMAL(18, 2);
CREATE MACRO wan(fen) AS (round(fen / 10000)::BIGINT::DECIMAL(18, 0) / 100)::DECIMAL(18, 4);

-- Months are numbered from 0 = January 2022; last_month(), created before this file runs, is the last one lived: 56 is September 2026.
CREATE MACRO month_of(t) AS (DATE '2022-01-01' + to_months(t::INTEGER))::DATE;
CREATE MACRO month_no(d) AS ((year(d) - 2022) * 12 + month(d) - 1)::BIGINT;
CREATE MACRO last_day_lived() AS last_day(month_of(last_month()));

-- The day of delivery of what happened on a day: the 10th of the month after its quarter; what happened before 2022
-- comes with the first delivery.
CREATE MACRO known(d) AS
    (date_trunc('quarter', greatest(d, DATE '2022-01-01')) + INTERVAL 3 MONTH + INTERVAL 9 DAY)::DATE;

-- The next 10th of a month of the year, for what is delivered once a year.
CREATE MACRO next_yearly(d, month_in) AS CASE WHEN make_date(year(d), month_in, 10) >= d THEN make_date(year(d), month_in, 10) ELSE make_date(year(d) + 1, month_in, 10) END;

-- GB 32100-2015: the alphabet of unified social credit codes, without I O S V Z.
CREATE MACRO usci_char(i) AS substr('0123456789ABCDEFGHJKLMNPQRTUWXY', i::INTEGER + 1, 1);
CREATE MACRO usci_check(first17) AS usci_char((31 - list_sum(list_transform(range(1, 18), lambda i:
    (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(first17, i::INTEGER, 1)) - 1)
    * [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28][i])) % 31) % 31);

-- GB 11714: the check character of an organisation code's first eight.
CREATE MACRO org_check(first8) AS substr('0123456789X0', 12 - (list_sum(list_transform(range(1, 9), lambda i:
    (strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', substr(first8, i::INTEGER, 1)) - 1)
    * [3, 7, 9, 10, 5, 8, 4, 2][i])) % 11)::INTEGER, 1);

-- GS15-2006 by ISO 7064 MOD 11,10: the check digit of a registration number's first fourteen.
CREATE MACRO reg_check(first14) AS ((11 - list_reduce(
    list_prepend(10::BIGINT, list_transform(range(1, 15), lambda i: substr(first14, i::INTEGER, 1)::BIGINT)),
    lambda p, d: (CASE WHEN (p + d) % 10 = 0 THEN 10 ELSE (p + d) % 10 END * 2) % 11)) % 10)::VARCHAR;

-- GB 11643: the check character of a resident ID's first seventeen.
CREATE MACRO resident_check(first17) AS substr('10X98765432', 1 + (list_sum(list_transform(range(1, 18), lambda i:
    substr(first17, i::INTEGER, 1)::BIGINT
    * [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2][i])) % 11)::INTEGER, 1);

-- Six characters of the USCI alphabet that differ for any two numbers below 31^6 (a multiplicative permutation).
CREATE MACRO code6(n) AS list_reduce(list_transform([28629151, 923521, 29791, 961, 31, 1], lambda p:
    usci_char(((n::BIGINT * 531441001 + 7777777) % 887503681) // p % 31)), lambda a, b: a || b);

-- Eight digits that differ for any two numbers below ninety million.
CREATE MACRO digits8(n, salt) AS (10000000 + (n::BIGINT * 48271049 + salt) % 90000000)::VARCHAR;

-- The name a firm bore on a day.
CREATE MACRO name_on(d, renamed_on, old_name, name) AS CASE WHEN d < renamed_on THEN old_name ELSE name END;

-- A matter that begins and may end is delivered when it begins, and again when it ends in a later quarter.
CREATE MACRO versions(began, ended) AS CASE WHEN known(ended) > known(began) THEN [known(began), known(ended)] ELSE [known(began)] END;
CREATE MACRO told(ended, known_on) AS CASE WHEN known(ended) <= known_on THEN ended END;

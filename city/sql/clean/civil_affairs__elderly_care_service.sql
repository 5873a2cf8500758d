-- One row per care home: three for each town.
SELECT NULL::BIGINT AS _firm, known(CASE WHEN k = 0 THEN DATE '2020-03-01' ELSE DATE '2021-01-10' + pick(1900, no, k, 'civil_affairs__elderly_care_service.day')::INTEGER END) AS _known_on,
       'YL' || code || lpad(no::VARCHAR, 6, '0') AS filing_no, town || ['敬老院', '社区养老服务站', '康养中心'][1 + k] AS home_name,
       ['公办', '公建民营', '民办'][1 + k] AS kind, code AS division_code,
       (20 + 10 * pick(14, no, k, 'civil_affairs__elderly_care_service.beds'))::BIGINT AS bed_count,
       ((20 + 10 * pick(14, no, k, 'civil_affairs__elderly_care_service.beds')) * (30 + pick(60, no, k, 'civil_affairs__elderly_care_service.occupied')) // 100)::BIGINT AS occupied_count,
       wan(1000000 * pick(40, no, k, 'civil_affairs__elderly_care_service.subsidy')) AS subsidy_wan,
       CASE WHEN k = 0 THEN DATE '2020-03-01' ELSE DATE '2021-01-10' + pick(1900, no, k, 'civil_affairs__elderly_care_service.day')::INTEGER END AS filed_on
FROM (
    SELECT c.*, town, k, row_number() OVER (ORDER BY c.code, town, k) AS no FROM (SELECT *, unnest(towns) AS town FROM county) c CROSS JOIN range(0, 3) r(k)
)

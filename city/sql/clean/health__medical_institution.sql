-- One row per hospital, health centre or clinic: some twenty for each town.
SELECT NULL::BIGINT AS _firm, known(DATE '2022-01-20' + pick(CASE WHEN k < 18 THEN 1 ELSE 1600 END, no, k, 'health__medical_institution.day')::INTEGER) AS _known_on,
       'PDY' || lpad(no::VARCHAR, 6, '0') || code || '12D' || lpad(k::VARCHAR, 4, '0') AS registration_no,
       town || CASE k
           WHEN 0 THEN '中心卫生院'
           WHEN 1 THEN '计划生育服务站'
           ELSE ['中心', '前进', '河西', '龙井', '石桥', '新塘', '高庄', '柳树', '双河', '桃园', '三里', '横岗', '惠民', '康复', '仁和', '济世', '博爱', '同德', '安康', '永健'][k - 1] || CASE WHEN k < 14 THEN '村卫生室' ELSE '诊所' END END AS institution_name,
       CASE k WHEN 0 THEN '卫生院' WHEN 1 THEN '卫生服务站' ELSE CASE WHEN k < 14 THEN '村卫生室' ELSE '诊所' END END AS kind,
       CASE WHEN k < 14 THEN '非营利性' ELSE '营利性' END AS ownership,
       (CASE k
           WHEN 0 THEN 30 + pick(90, no, 0, 'health__medical_institution.beds')
           ELSE pick(4, no, k, 'health__medical_institution.beds') END)::BIGINT AS bed_count,
       (CASE k
           WHEN 0 THEN 12 + pick(30, no, 0, 'health__medical_institution.doctors')
           ELSE 1 + pick(3, no, k, 'health__medical_institution.doctors') END)::BIGINT AS doctor_count,
       code AS division_code, DATE '2000-01-01' + pick(7000, no, k, 'health__medical_institution.registered')::INTEGER AS registered_on,
       DATE '2020-06-01' + pick(500, no, k, 'health__medical_institution.reviewed')::INTEGER AS reviewed_on
FROM (
    SELECT c.*, town, k, row_number() OVER (ORDER BY c.code, town, k) AS no FROM (SELECT *, unnest(towns) AS town FROM county) c CROSS JOIN range(0, 22) r(k)
)

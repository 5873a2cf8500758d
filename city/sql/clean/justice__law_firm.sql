-- One row per law firm and year checked.
SELECT NULL::BIGINT AS _firm, known(on_day) AS _known_on, '31' || code || 'E' || lpad(no::VARCHAR, 8, '0') AS licence_no, y::BIGINT AS check_year,
       '安徽' || ['皖信', '淠河', '明理', '同衡', '正言', '博约', '守诚', '大别山', '望淮', '知行', '崇法', '公允'][1 + k] || '（' || left(name, 2) || '）律师事务所' AS office_name,
       one_of(['合伙', '合伙', '个人'], no, 0, 'justice__law_firm.kind') AS kind, code AS division_code,
       (3 + pick(30, no, 0, 'justice__law_firm.lawyers'))::BIGINT AS lawyer_count,
       wan(100000000 * (1 + pick(3, no, 0, 'justice__law_firm.capital')) // 10) AS capital_wan,
       CASE WHEN u(no, y, 'justice__law_firm.result') < 0.01 THEN '不合格' ELSE '合格' END AS result
FROM (
    SELECT c.*, k, y, make_date(y, 6, 20) AS on_day, (c.code::BIGINT) * 100 + k AS no FROM county c CROSS JOIN range(0, 12) r(k) CROSS JOIN range(2020, 2031) s(y)
)
WHERE on_day <= last_day_lived()

-- One row per loan and year lent, again when it is repaid.
SELECT NULL::BIGINT AS _firm, unnest(versions(on_day, repaid)) AS _known_on, 'ZX' || y || digits8(id, 353) AS contract_no, resident_id,
       name AS person_name,
       one_of(['淠河学院', '安徽示例大学', '示例职业技术学院', '合肥示例学院', '外省高校'], id, 0, 'education__student_loan.school') AS school, yuan(lent_fen) AS amount_yuan,
       on_day AS lent_on, told(repaid, _known_on) AS repaid_on,
       CASE WHEN told(repaid, _known_on) IS NOT NULL THEN '已结清'
           WHEN y < 2021 AND u(id, y, 'education__student_loan.overdue') < 0.05 THEN '逾期'
           ELSE '在贷' END AS status
FROM (
    SELECT p.*, y, make_date(y, 8, 1 + pick(30, p.id, y, 'education__student_loan.day')::INTEGER) AS on_day, 800000 + 10000 * pick(80, p.id, y, 'education__student_loan.amount') AS lent_fen,
           CASE WHEN u(p.id, y, 'education__student_loan.repaid') < 0.25 THEN make_date(y, 12, 20) + 300 + pick(900, p.id, y, 'education__student_loan.days')::INTEGER END AS repaid
    FROM person p CROSS JOIN range(2019, 2031) r(y) WHERE p.birthday > DATE '1985-01-01' AND u(p.id, 0, 'education__student_loan') < 0.20
      AND u(p.id, y, 'education__student_loan.again') < 0.3
)
WHERE on_day <= last_day_lived()

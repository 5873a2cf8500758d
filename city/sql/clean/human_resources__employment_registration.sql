-- One row per person hired by a firm of the city, again when the contract ends.
SELECT firm AS _firm, unnest(versions(hired, left_day)) AS _known_on, 'JY3415' || lpad(id::VARCHAR, 9, '0') AS registration_no, pid AS resident_id,
       pname AS person_name, usci, name_on(hired, renamed_on, old_name, name) AS firm_name, hired AS hired_on,
       one_of(['固定期限', '固定期限', '固定期限', '固定期限', '固定期限', '固定期限', '无固定期限', '无固定期限', '以完成一定工作任务为期限'], id, 0, 'employment_registration.contract_kind') AS contract_kind,
       CASE section WHEN 'C' THEN one_of(['车间操作工', '车间操作工', '车间操作工', '质检员', '电工', '仓库管理员'], id, 0, 'employment_registration.post') WHEN 'E' THEN one_of(['施工员', '钢筋工', '木工', '安全员'], id, 0, 'employment_registration.post') WHEN 'H' THEN one_of(['服务员', '服务员', '厨师'], id, 0, 'employment_registration.post') ELSE one_of(['销售员', '销售员', '文员', '会计', '司机'], id, 0, 'employment_registration.post') END AS post,
       yuan(round(52 * exp(0.3 * z(id, 0, 'employment_registration.monthly_wage_yuan')))::BIGINT * 10000) AS monthly_wage_yuan,
       told(left_day, _known_on) AS left_on
FROM (
    SELECT w.*, id, p.resident_id AS pid, p.name AS pname, hired,
           CASE WHEN u(id, 0, 'employment_registration.left') < 0.3 + 0.1 * greatest(-2, least(2, -mu)) THEN least((hired + 120 + pick(900, id, 0, 'employment_registration.left')::INTEGER)::DATE, died_on) ELSE died_on END AS left_day
    FROM (SELECT id, resident_id, name, pick(firms(), id, 0, 'employer') + 1 AS employer, DATE '2020-02-01' + pick(2300, id, 0, 'employer.since')::INTEGER AS hired FROM person WHERE id > 3 * firms()) p
    JOIN who w ON w.firm = p.employer
    WHERE w.kind = 'enterprise' AND hired BETWEEN w.born AND least(last_day_lived(), coalesce(w.died_on - 30, last_day_lived()))
)

-- One row per firm surveyed and year.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, y::BIGINT AS survey_year,
       (greatest(1, months_worked // months))::BIGINT AS employees, most::BIGINT AS most_employees,
       (most * pick(15, firm, y, 'statistics__labour_wages.dispatched') // 100)::BIGINT AS dispatched_count, wan(wages_fen) AS wages_wan, industry_code
FROM (
    SELECT w.*, y, make_date(y + 1, 3, 10) AS on_day, sum(m.headcount)::BIGINT AS months_worked, count(*) AS months, max(m.headcount)::BIGINT AS most, sum(m.headcount * (430000 + 15000 * (m.t // 12)))::BIGINT AS wages_fen
    FROM who w JOIN firm_month m USING (firm) CROSS JOIN range(2022, 2022 + (last_month() + 1) // 12) r(y)
    WHERE m.t // 12 = y - 2022 AND w.kind = 'enterprise' AND u(w.firm, 0, 'statistics__labour_wages') < 0.25
    GROUP BY ALL HAVING sum(m.headcount) > 0
)

-- One row per bank of a city ($1): its applications, approvals and loans, its average rate in basis points weighted by amount, and the
-- median hours from application to decision.
with decision as (
    select bank_id, decided_at - created_at as waited,
        row_number() over (partition by bank_id order by decided_at - created_at) as place,
        count(*) over (partition by bank_id) as n
    from application where city = $1 and decided_at > 0
), median as (
    select bank_id, avg(1.0 * waited) as waited from decision where place in ((n + 1) / 2, (n + 2) / 2) group by bank_id
), asked as (
    select a.bank_id, count(*) as applications, count(o.application_id) as approved
    from application a left join offer o on o.application_id = a.id
    where a.city = $1 group by a.bank_id
), lent as (
    select l.bank_id, count(*) as loans, sum(l.amount_fen) as fen, sum(1.0 * l.amount_fen * l.rate_bp) / sum(l.amount_fen) as rate
    from loan l join application a on a.id = l.application_id
    where a.city = $1 group by l.bank_id
)
select b.id, b.name, b.name_en, coalesce(q.applications, 0), coalesce(q.approved, 0), coalesce(t.loans, 0), coalesce(t.fen, 0),
    coalesce(cast(round(t.rate) as bigint), 0), coalesce(cast(round(m.waited / 3600000000.0) as bigint), 0)
from organisation b
left join asked q on q.bank_id = b.id
left join lent t on t.bank_id = b.id
left join median m on m.bank_id = b.id
where b.city = $1 and b.kind = 'bank'
order by coalesce(t.fen, 0) desc, b.name

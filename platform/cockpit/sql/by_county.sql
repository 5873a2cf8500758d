-- One row per county of a city ($1) in which a firm is registered here.
with firm as (
    select division, count(*) as n from organisation
    where city = $1 and kind in ('enterprise', 'individual') and division <> '' group by division
), wanted as (
    select o.division, count(*) as n from demand d join organisation o on o.id = d.org_id where d.city = $1 group by o.division
), asked as (
    select o.division, count(*) as n from application a join organisation o on o.id = a.org_id where a.city = $1 group by o.division
), lent as (
    select o.division, count(*) as n, sum(l.amount_fen) as fen
    from loan l join organisation o on o.id = l.org_id join application a on a.id = l.application_id
    where a.city = $1 group by o.division
)
select f.division, f.n, coalesce(w.n, 0), coalesce(q.n, 0), coalesce(t.n, 0), coalesce(t.fen, 0)
from firm f
left join wanted w on w.division = f.division
left join asked q on q.division = f.division
left join lent t on t.division = f.division
order by f.division

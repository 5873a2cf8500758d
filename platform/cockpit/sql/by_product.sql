-- One row per version of a product under which a loan was paid out in a city ($1).
select v.kind, v.body, count(*), sum(l.amount_fen)
from loan l
join application a on a.id = l.application_id
join product_version v on v.product_id = a.product_id and v.version = a.product_version
where a.city = $1
group by v.product_id, v.version, v.kind, v.body
order by v.kind, v.product_id, v.version

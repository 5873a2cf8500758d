-- One row: the average annual rate of a city's ($1) loans weighted by amount, in basis points, and the median time from application to
-- money, in microseconds. 0 where there are no loans.
with paid as (
    select l.amount_fen, l.rate_bp, l.disbursed_at - a.created_at as waited,
        row_number() over (order by l.disbursed_at - a.created_at) as place, count(*) over () as n
    from loan l join application a on a.id = l.application_id
    where a.city = $1
)
select coalesce(cast(round(sum(1.0 * amount_fen * rate_bp) / sum(amount_fen)) as bigint), 0),
    coalesce(cast(round(avg(case when place in ((n + 1) / 2, (n + 2) / 2) then 1.0 * waited end)) as bigint), 0)
from paid

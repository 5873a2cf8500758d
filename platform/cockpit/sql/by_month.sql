-- One row: demands, applications, loans and fen paid out in a city ($1) from one moment ($2) to before another ($3).
select
    (select count(*) from demand where city = $1 and published_at >= $2 and published_at < $3),
    (select count(*) from application where city = $1 and created_at >= $2 and created_at < $3),
    (select count(*) from loan l join application a on a.id = l.application_id where a.city = $1 and l.disbursed_at >= $2 and l.disbursed_at < $3),
    (select coalesce(sum(l.amount_fen), 0) from loan l join application a on a.id = l.application_id
     where a.city = $1 and l.disbursed_at >= $2 and l.disbursed_at < $3)

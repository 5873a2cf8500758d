-- One row: the platform's totals in a city ($1) as of now.
-- From organisation, product, demand, application, loan, consent_grant, data_use and alert.
select
    (select count(*) from organisation where city = $1 and kind in ('enterprise', 'individual')),
    (select count(*) from organisation where city = $1 and kind in ('enterprise', 'individual') and verified_at > 0),
    (select count(*) from organisation where city = $1 and kind = 'bank'),
    (select count(*) from product where city = $1 and suspended_at = 0),
    (select count(*) from demand where city = $1),
    (select coalesce(sum(amount_fen), 0) from demand where city = $1),
    (select count(distinct demand_id) from application where city = $1 and demand_id is not null),
    (select count(*) from application where city = $1),
    (select count(*) from loan l join application a on a.id = l.application_id where a.city = $1),
    (select coalesce(sum(l.amount_fen), 0) from loan l join application a on a.id = l.application_id where a.city = $1),
    (select coalesce(sum(l.outstanding_fen), 0) from loan l join application a on a.id = l.application_id where a.city = $1),
    (select coalesce(sum(l.overdue_fen), 0) from loan l join application a on a.id = l.application_id where a.city = $1),
    (select count(*) from loan l join application a on a.id = l.application_id where a.city = $1 and l.first_loan = 1),
    (select count(*) from consent_grant where city = $1),
    (select count(*) from consent_grant where city = $1 and revoked_at > 0),
    (select count(*) from data_use u join organisation o on o.id = u.subject_org where o.city = $1 and u.kind = 'request' and u.payload = $2),
    (select count(*) from data_use u join organisation o on o.id = u.subject_org where o.city = $1 and u.kind = 'refusal'),
    (select count(*) from alert w join organisation o on o.id = w.org_id where o.city = $1 and w.acknowledged_at = 0)

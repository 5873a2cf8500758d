-- One row per adverse event of the last 400 days before the snapshot's date, by firm and day: what alerts and flags are made of.
-- From current/event.parquet ($1); $2 is the snapshot's date.
select cast(firm_id as bigint), cast(alert_code as integer), cast(severity as integer),
       date_diff('day', date '1970-01-01', cast(known_on as date)), event_key
from read_parquet($1)
where known_on > cast($2 as date) - interval 400 day
order by firm_id, known_on, event_key

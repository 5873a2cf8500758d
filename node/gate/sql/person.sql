-- One row per resident, from current/person.parquet ($1). Millions of rows in a large city: only hashes of them are kept in memory.
select coalesce(resident_id, ''), coalesce(person_name, '')
from read_parquet($1)
where resident_id is not null

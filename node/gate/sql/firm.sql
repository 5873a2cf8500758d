-- One row per firm of the serving snapshot, with everything that an answer about it may be made of. About 200,000 rows in a large city.
-- From current/firm.parquet ($1) and current/trend.parquet ($2), as of the snapshot's date. Scores of earlier dates are joined into one
-- text (days since 1970:score, by semicolon, oldest first), because they are read for one firm at a time.
with trend as (
    select firm_id,
           string_agg(date_diff('day', date '1970-01-01', cast(as_of as date)) || ':' || cast(score as integer), ';' order by as_of) as points
    from read_parquet($2)
    where score is not null
    group by firm_id
)
select cast(f.firm_id as bigint),
       coalesce(f.usci, ''), coalesce(f.firm_name, ''), coalesce(f.status, ''),
       coalesce(f.legal_person, ''), coalesce(f.legal_person_id, ''),
       case when f.score between 300 and 850 then cast(f.score as integer) else 0 end, coalesce(f.grade, ''), coalesce(cast(f.pd as double), -1), coalesce(cast(f.limit_fen as bigint), 0),
       coalesce(cast(dim_1 as integer), -1), coalesce(cast(dim_2 as integer), -1), coalesce(cast(dim_3 as integer), -1),
       coalesce(cast(dim_4 as integer), -1), coalesce(cast(dim_5 as integer), -1), coalesce(cast(dim_6 as integer), -1),
       concat_ws('|', coalesce(dim_1_drivers, ''), coalesce(dim_2_drivers, ''), coalesce(dim_3_drivers, ''),
                      coalesce(dim_4_drivers, ''), coalesce(dim_5_drivers, ''), coalesce(dim_6_drivers, '')),
       coalesce(f.reasons, ''),
       coalesce(cast(sales_12m as double), 'nan'::double), coalesce(cast(tax_paid_12m as double), 'nan'::double),
       coalesce(cast(headcount as double), 'nan'::double), coalesce(cast(loan_balance as double), 'nan'::double),
       coalesce(cast(firm_age_months as double), 'nan'::double), coalesce(cast(sales_growth as double), 'nan'::double),
       coalesce(t.points, '')
from read_parquet($1) f
left join trend t on t.firm_id = f.firm_id
where f.usci is not null

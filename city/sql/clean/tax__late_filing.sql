-- One row per return that missed its deadline; the weak miss more of them.
SELECT firm AS _firm, unnest(versions(deadline, later)) AS _known_on, usci AS taxpayer_id, name_on(deadline, renamed_on, old_name, name) AS firm_name,
       period, tax_kind, deadline AS deadline_on, told(later, _known_on) AS filed_on, one_of(['是', '否'], firm, tt, 'late_filing.reminded') AS reminded
FROM (
    SELECT w.*, d.period, d.tax_kind, month_no(d.period) AS tt, (date_trunc('month', d.declared_on) + INTERVAL 14 DAY)::DATE AS deadline,
           CASE WHEN u(d.firm, tt, 'late_filing.ever') < 0.8 THEN (deadline + 3 + pick(80, d.firm, tt, 'late_filing.later')::INTEGER)::DATE END AS later
    FROM declaration d JOIN who w USING (firm) JOIN health ON health.firm = d.firm AND health.t = month_no(d.period)
    WHERE u(d.firm, month_no(d.period), 'late_filing' || d.tax_kind) < least(0.3, 0.012 * exp(-0.9 * h))
)

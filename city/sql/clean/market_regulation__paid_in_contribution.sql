-- One row per enterprise and shareholder who has paid something in.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name, holder AS shareholder,
       (capital_wan * part / 100.0)::DECIMAL(18, 4) AS subscribed_wan,
       (born + to_years(5 + pick(20, firm, 0, 'paid_in_contribution.term')::INTEGER))::DATE AS subscribed_until,
       (capital_wan * part / 100 * paid_pct / 100.0)::DECIMAL(18, 4) AS paid_wan,
       one_of(['货币', '货币', '货币', '货币', '货币', '货币', '货币', '货币', '货币', '货币', '货币', '货币', '货币', '货币', '实物', '知识产权', '土地使用权'], firm, 0, 'paid_in_contribution.method') AS method,
       on_day AS contributed_on
FROM (
    SELECT w.*, unnest(CASE WHEN partner_name <> head_name THEN [head_name, partner_name] ELSE [head_name] END) AS holder,
           CASE WHEN holder = head_name THEN CASE WHEN partner_name <> head_name THEN 51 + pick(44, firm, 0, 'share') ELSE 100 END ELSE 49 - pick(44, firm, 0, 'share') END AS part,
           least(100, 10 * (1 + pick(10, firm, 0, 'paid_in_contribution.paid') + greatest(-2, least(2, mu))::INTEGER)) AS paid_pct,
           (born + 60 + pick(900, firm, 0, 'paid_in_contribution.day')::INTEGER)::DATE AS on_day
    FROM who w WHERE kind = 'enterprise' AND u(firm, 0, 'paid_in_contribution') < 0.6
)
WHERE paid_pct > 0 AND on_day <= least(last_day_lived(), coalesce(died_on, last_day_lived()))

-- One row per claim notarised, again when a writ of enforcement was issued on it.
SELECT firm AS _firm, unnest(versions(on_day, enforced)) AS _known_on,
       '（' || year(on_day) || '）皖' || left(city_name, 1) || '公证字第' || digits8(firm * 60 + t, 401) || '号' AS deed_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['银行', '银行', '小额贷款公司', '融资租赁公司', '自然人'], firm, t, 'justice__enforceable_notarisation.creditor') AS creditor_kind,
       yuan(amount_fen) AS amount_yuan, (6 * (1 + pick(10, firm, t, 'justice__enforceable_notarisation.term')))::BIGINT AS term_months,
       on_day AS notarised_on, told(enforced, _known_on) AS enforced_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'justice__enforceable_notarisation.day')::INTEGER)::DATE AS on_day,
           greatest(5000000, round(w.base_sales * (0.5 + 3 * u(m.firm, m.t, 'justice__enforceable_notarisation.amount'))))::BIGINT AS amount_fen,
           CASE WHEN u(m.firm, m.t, 'justice__enforceable_notarisation.enforced') < logistic(-3.0 - 1.1 * m.h) THEN (m.month + 180 + pick(400, m.firm, m.t, 'justice__enforceable_notarisation.days')::INTEGER)::DATE END AS enforced
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND u(m.firm, m.t, 'justice__enforceable_notarisation') < 0.0025 * exp(0.2 * w.log_size - 0.1 * m.h)
)

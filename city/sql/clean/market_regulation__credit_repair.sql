-- One row per decision on the repair of a firm's credit, some months after a penalty.
SELECT firm AS _firm, known(decided) AS _known_on, usci, name_on(decided, renamed_on, old_name, name) AS firm_name,
       left(county_name, 2) || '市监信修〔' || strftime(decided, '%Y') || '〕' || digits8(firm, 20683834) || lpad(t::VARCHAR, 2, '0') || '号' AS decision_no,
       one_of(['行政处罚', '行政处罚', '行政处罚', '行政处罚', '行政处罚', '行政处罚', '经营异常名录', '经营异常名录', '经营异常名录', '经营异常名录', '经营异常名录', '严重违法失信名单'], firm, t, 'credit_repair.matter') AS matter,
       decided - 8 AS applied_on, decided AS decided_on,
       one_of(['准予修复', '准予修复', '准予修复', '准予修复', '准予修复', '准予修复', '准予修复', '准予修复', '准予修复', '准予修复', '准予修复', '准予修复', '不予修复'], firm, t, 'credit_repair.outcome') AS outcome,
       county_name || '市场监督管理局' AS authority
FROM (
    SELECT e.t, e.h, w.*, (happened_on + 190 + pick(200, w.firm, e.t, 'credit_repair.day')::INTEGER)::DATE AS decided
    FROM event e JOIN who w ON w.firm = e.firm WHERE event IN ('penalty', 'unreachable') AND u(w.firm, e.t, 'credit_repair' || event) < logistic(-0.6 + 0.6 * h)
    QUALIFY row_number() OVER (PARTITION BY w.firm, e.t ORDER BY event) = 1
)
WHERE decided <= least(last_day_lived(), coalesce(died_on, last_day_lived()))

-- One row per commitment, about one a firm and year.
SELECT firm AS _firm, known(checked) AS _known_on, 'CN' || strftime(on_day, '%y%m') || digits8(firm, 443) AS commitment_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       CASE WHEN h < -1 AND u(firm, t, 'development_reform__credit_commitment.kind') < 0.3 THEN '信用修复型'
           ELSE one_of(['审批替代型', '主动型', '主动型', '行业自律型'], firm, t, 'development_reform__credit_commitment.kind') END AS kind,
       one_of(['公共场所卫生许可告知承诺', '食品经营许可告知承诺', '道路运输许可容缺受理', '公平竞争诚信经营承诺', '按期支付工资承诺'], firm, t, 'development_reform__credit_commitment.matter') AS matter,
       county_name || '政务服务中心' AS authority, on_day AS committed_on,
       CASE WHEN u(firm, t, 'development_reform__credit_commitment.kept') < 0.02 * exp(-0.8 * h) THEN '未履行'
           WHEN u(firm, t, 'development_reform__credit_commitment.kept') > 0.9 THEN '履行中'
           ELSE '已履行' END AS kept,
       checked AS checked_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'development_reform__credit_commitment.day')::INTEGER)::DATE AS on_day,
           (m.month + 120 + pick(200, m.firm, m.t, 'development_reform__credit_commitment.days')::INTEGER)::DATE AS checked
    FROM firm_month m JOIN who w USING (firm)
    WHERE u(m.firm, m.t, 'development_reform__credit_commitment') < 0.055
)

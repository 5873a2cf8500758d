-- One row per grant paid.
SELECT firm AS _firm, known(on_day) AS _known_on, 'ZXZJ' || strftime(on_day, '%y%m') || digits8(firm, 223) AS grant_no, usci,
       name_on(on_day, renamed_on, old_name, name) AS firm_name,
       one_of(['设备补助', '贷款贴息', '首台套奖励', '专精特新奖励', '两化融合奖励', '规上企业培育奖励'], firm, t, 'industry_information__sme_development_fund.kind') AS fund_kind,
       word || one_of(['设备更新', '智能化改造', '新产品研发'], firm, t, 'industry_information__sme_development_fund.project') || '项目' AS project_name,
       wan(1000000 * (3 + pick(60, firm, t, 'industry_information__sme_development_fund.amount'))) AS amount_wan, on_day - 45 AS approved_on,
       on_day AS paid_on
FROM (
    SELECT w.*, m.t, m.month, m.h, m.sales_fen, m.purchase_fen, m.headcount, (m.month + pick(27, m.firm, m.t, 'industry_information__sme_development_fund.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise' AND w.section IN ('C', 'I', 'M')
      AND u(m.firm, m.t, 'industry_information__sme_development_fund') < 0.0045 * exp(0.5 * m.h + 0.3 * w.log_size)
)

-- One row per finding of idle land, again when it has been dealt with.
SELECT firm AS _firm, unnest(versions(on_day, disposed)) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       on_day AS recognised_on, left(city_name, 1) || '自规闲认〔' || strftime(on_day, '%Y') || '〕' || digits8(firm, 50903258) || '号' AS document_no,
       round(exp(9.2 + 0.5 * log_size + 0.5 * z(firm, t, 'idle_land.area')), 2)::DOUBLE AS area_sqm,
       one_of(['企业自身原因', '企业自身原因', '企业自身原因', '企业自身原因', '企业自身原因', '政府原因', '政府原因', '司法查封'], firm, t, 'idle_land.cause') AS cause,
       wan(round(4000 * exp(0.6 * z(firm, t, 'idle_land.fee_wan')))::BIGINT * 10000) AS fee_wan,
       one_of(['征缴闲置费', '征缴闲置费', '征缴闲置费', '征缴闲置费', '延长动工期限', '延长动工期限', '延长动工期限', '延长动工期限', '收回', '置换'], firm, t, 'idle_land.measure') AS measure,
       told(disposed, _known_on) AS disposed_on
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'idle_land.day')::INTEGER)::DATE AS on_day,
           CASE WHEN u(m.firm, m.t, 'idle_land.disposed') < 0.7 THEN (on_day + 90 + pick(500, m.firm, m.t, 'idle_land.until')::INTEGER)::DATE END AS disposed
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.section IN ('C', 'G', 'E', 'F') AND u(w.firm, 0, 'owns.land') < 0.32 * exp(0.5 * w.log_size)
      AND u(m.firm, m.t, 'idle_land') < least(0.4, 0.0022 * exp(-0.8 * m.h))
)

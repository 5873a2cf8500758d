-- One row per advertisement approved.
SELECT firm AS _firm, known(on_day) AS _known_on, usci, name_on(on_day, renamed_on, old_name, name) AS firm_name,
       '皖药广审（文）第' || strftime(on_day, '%y%m%d') || '-' || digits8(firm, 32372177) || '号' AS approval_no,
       one_of(['复方示例片', '感冒颗粒', '钙片', '医用口罩', '维生素软胶囊'], firm, t, 'advertisement_review.product') AS product,
       one_of(['药品', '药品', '药品', '医疗器械', '医疗器械', '保健食品', '保健食品'], firm, t, 'advertisement_review.kind') AS kind,
       one_of(['文字', '文字', '文字', '文字', '声音', '视频', '视频'], firm, t, 'advertisement_review.medium') AS medium, on_day AS approved_on,
       (on_day + INTERVAL 2 YEAR)::DATE AS valid_until
FROM (
    SELECT w.*, m.t, m.h, m.sales_fen, m.headcount, (m.month + pick(28, m.firm, m.t, 'advertisement_review.day')::INTEGER)::DATE AS on_day
    FROM firm_month m JOIN who w USING (firm)
    WHERE w.kind = 'enterprise'
      AND w.industry_code IN ('F5251', 'L7259', 'F5179')
      AND u(m.firm, m.t, 'advertisement_review') < 0.006
)

-- One row per text and firm that it means, of the texts of the first two years that stewards have labelled (some 1,500 in a large city); one row for
-- a text that means nobody of the city.
SELECT NULL::BIGINT AS _firm, known(DATE '2024-02-01') AS _known_on, t.text_id, coalesce(w.usci, '不指企业') AS meant_code, t.title, t.body, coalesce(r.kind, 'none') AS event_kind, DATE '2024-02-20' AS labelled_on
FROM news_text t LEFT JOIN news_truth r USING (text_id) LEFT JOIN who w ON w.firm = r.firm
WHERE t.published_on < DATE '2024-01-01' AND u(t.story, 0, 'news.labelled') < least(0.6, 1500.0 / (SELECT count(*) FROM news_text WHERE published_on < DATE '2024-01-01'))

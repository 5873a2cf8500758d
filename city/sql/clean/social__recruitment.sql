-- One row per text of this channel.
SELECT NULL::BIGINT AS _firm, known(published_on) AS _known_on, text_id, title, body, one_of(['招聘示例网', '人才示例网'], story, 0, 'news.source') AS source, 1 + pick(20, story, 0, 'news.openings') AS openings, published_on
FROM news_text WHERE channel = 'recruitment'

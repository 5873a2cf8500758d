-- One row per text of this channel.
SELECT NULL::BIGINT AS _firm, known(published_on) AS _known_on, text_id, title, body, one_of(['本地论坛', '短视频平台', '社交圈'], story, 0, 'news.platform') AS platform_name, pick(400, story, 0, 'news.likes') AS likes, published_on
FROM news_text WHERE channel = 'post'

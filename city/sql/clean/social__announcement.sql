-- One row per text of this channel.
SELECT NULL::BIGINT AS _firm, known(published_on) AS _known_on, text_id, title, body, one_of(['人民法院', '市场监督管理局', '企业自行发布'], story, 0, 'news.announcer') AS announcer, one_of(['送达公告', '清算公告', '处罚公示', '启事'], story, 0, 'news.kind') AS announcement_kind, published_on
FROM news_text WHERE channel = 'announcement'

-- One row per text of this channel.
SELECT NULL::BIGINT AS _firm, known(published_on) AS _known_on, text_id, title, body, one_of(['公共资源交易示例网', '采购示例网'], story, 0, 'news.source') AS source, one_of(['成交结果公告', '中标公示'], story, 0, 'news.notice') AS notice_kind, published_on
FROM news_text WHERE channel = 'tender'

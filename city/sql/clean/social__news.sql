-- One row per text of this channel.
SELECT NULL::BIGINT AS _firm, known(published_on) AS _known_on, text_id, title, body, one_of(['皖西示例网', '江淮示例网', '本地晚报', '县区融媒体', '行业资讯网'], story, 0, 'news.source') AS source, one_of(['本地新闻', '经济', '民生', '法治', '产业'], story, 0, 'news.column') AS column_name, 'https://example.com/n/' || story AS url, published_on
FROM news_text WHERE channel = 'news'

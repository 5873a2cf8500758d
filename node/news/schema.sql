-- What was read out of texts.
CREATE SCHEMA IF NOT EXISTS news;

-- One row per text and firm that it means. _id is the text's landed row; sure is of the kind, confidence of the firm, both from 0 to 1; tone is +1,
-- 0 or -1. The words of a text are never copied here.
CREATE TABLE IF NOT EXISTS news.event (
    catalogue    VARCHAR NOT NULL,
    _id          BIGINT NOT NULL,
    firm_id      BIGINT NOT NULL,
    form         VARCHAR NOT NULL,
    confidence   DOUBLE NOT NULL,
    kind         VARCHAR NOT NULL,
    tone         TINYINT NOT NULL,
    sure         DOUBLE NOT NULL,
    published_on DATE NOT NULL,
    _known_on    DATE NOT NULL
);

-- One row per text that was read.
CREATE TABLE IF NOT EXISTS news.done (catalogue VARCHAR NOT NULL, _id BIGINT NOT NULL);

-- One row: what texts were read by, as a digest of the labelled texts and the version of the rules.
CREATE TABLE IF NOT EXISTS news.basis (labels UBIGINT NOT NULL, rules INTEGER NOT NULL);

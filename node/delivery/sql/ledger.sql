-- The ledger: what was ever taken, where every row of it went, and which files hold it. Rows are only added, in one transaction per batch.
CREATE SCHEMA IF NOT EXISTS ledger;
CREATE SCHEMA IF NOT EXISTS landed;

-- One row per delivery taken. received = landed + quarantined + duplicates.
CREATE TABLE IF NOT EXISTS ledger.delivery (
    delivery_no  BIGINT NOT NULL,   -- in the order in which deliveries were taken
    delivery     VARCHAR NOT NULL,  -- file name @ the first twelve digits of its SHA-256
    department   VARCHAR NOT NULL,
    catalogue    VARCHAR NOT NULL,
    file         VARCHAR NOT NULL,
    sha256       VARCHAR NOT NULL,
    bytes        BIGINT NOT NULL,
    format       VARCHAR NOT NULL,
    encoding     VARCHAR NOT NULL,
    known_on     DATE NOT NULL,
    taken_at     TIMESTAMP NOT NULL,
    header_row   BIGINT NOT NULL,   -- how many rows of the file stand before its first row of data
    headers      VARCHAR[] NOT NULL, -- as sent, one per field of the contract, '' for a field that did not come
    fields       VARCHAR[] NOT NULL,
    unknown      VARCHAR[] NOT NULL, -- headers that mean no field
    received     BIGINT NOT NULL,
    landed       BIGINT NOT NULL,
    quarantined  BIGINT NOT NULL,
    duplicates   BIGINT NOT NULL,
    segment      VARCHAR NOT NULL   -- the Parquet file that holds its landed rows, '' when none landed
);

-- One row per time that a file came again after it had been taken: all its rows are duplicates.
CREATE TABLE IF NOT EXISTS ledger.repeat (delivery_no BIGINT NOT NULL, file VARCHAR NOT NULL, rows BIGINT NOT NULL, taken_at TIMESTAMP NOT NULL);

-- One row per time that a file was refused whole.
CREATE TABLE IF NOT EXISTS ledger.refusal (department VARCHAR NOT NULL, file VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, reason VARCHAR NOT NULL, reason_zh VARCHAR NOT NULL, refused_at TIMESTAMP NOT NULL);

-- One row per Parquet file of landed rows; path is relative to the lake's folder.
CREATE TABLE IF NOT EXISTS ledger.segment (path VARCHAR NOT NULL, department VARCHAR NOT NULL, catalogue VARCHAR NOT NULL, rows BIGINT NOT NULL, bytes BIGINT NOT NULL, sha256 VARCHAR NOT NULL, fields VARCHAR[] NOT NULL);

-- One row per quarantined row, with what it said; content never leaves the lake.
CREATE TABLE IF NOT EXISTS ledger.quarantine (delivery_no BIGINT NOT NULL, row BIGINT NOT NULL, content VARCHAR NOT NULL);

-- One row per rule that a quarantined row broke; field is '' where the rule is about the whole row.
CREATE TABLE IF NOT EXISTS ledger.fault (delivery_no BIGINT NOT NULL, row BIGINT NOT NULL, field VARCHAR NOT NULL, rule VARCHAR NOT NULL, shape VARCHAR NOT NULL);

-- One row per landed row that a later load superseded (the Parquet file itself is never changed); id is the row's _id.
CREATE TABLE IF NOT EXISTS ledger.superseded (department VARCHAR NOT NULL, catalogue VARCHAR NOT NULL, id BIGINT NOT NULL, superseded_on DATE NOT NULL);

-- The ledger: what was ever taken, where every row of it went, and which files hold it. Rows are only added, in one transaction per batch.
CREATE SCHEMA IF NOT EXISTS ledger;
CREATE SCHEMA IF NOT EXISTS landed;
CREATE SCHEMA IF NOT EXISTS landed_identity;

-- One row per delivery taken. received = landed + quarantined + duplicates: what became of its rows when they came. Rows that were ended by law since
-- then stay in these counts and are counted besides, so that stored = landed - ended, and kept in quarantine = quarantined - ended_quarantined.
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
-- superseded_on is NULL where it turned out that nothing superseded the row after all; since is the number of the first delivery of the batch that changed it.
CREATE TABLE IF NOT EXISTS ledger.superseded (department VARCHAR NOT NULL, catalogue VARCHAR NOT NULL, id BIGINT NOT NULL, superseded_on DATE);

-- One row per row that was dropped because it said what stood already (copies within one delivery apart). id is what its _id would be, twin the
-- landed row whose content it repeats. A delivery that is known to be older and comes later may turn it into a row that lands.
CREATE TABLE IF NOT EXISTS ledger.repeated (department VARCHAR NOT NULL, catalogue VARCHAR NOT NULL, id BIGINT NOT NULL, twin BIGINT NOT NULL);

-- One row per delivery and Parquet file that holds landed rows of it. (delivery.segment is the first of them, for the record.)
CREATE TABLE IF NOT EXISTS ledger.part (delivery_no BIGINT NOT NULL, path VARCHAR NOT NULL, rows BIGINT NOT NULL);

-- One row per time that quarantined rows of a catalogue were read again and some of them held. segment is the Parquet file that they landed in.
CREATE TABLE IF NOT EXISTS ledger.replay (replay_no BIGINT NOT NULL, department VARCHAR NOT NULL, catalogue VARCHAR NOT NULL, tried BIGINT NOT NULL, landed BIGINT NOT NULL, duplicates BIGINT NOT NULL, segment VARCHAR NOT NULL, replayed_at TIMESTAMP NOT NULL);

-- One row per quarantined row that a steward mended, and that then held. said is what the row said as it was sent, mended what the steward put
-- into the fields named; both as JSON objects, and neither ever leaves the lake. They are never changed, only emptied when the law ends the row.
CREATE TABLE IF NOT EXISTS ledger.mend (replay_no BIGINT NOT NULL, delivery_no BIGINT NOT NULL, row BIGINT NOT NULL, fields VARCHAR[] NOT NULL, said VARCHAR NOT NULL, mended VARCHAR NOT NULL, by_post VARCHAR NOT NULL, reason VARCHAR NOT NULL, mended_at TIMESTAMP NOT NULL);

-- One row per time that rows were ended by law: their time had come, or a person had a right to it. What is said of them is counts alone.
CREATE TABLE IF NOT EXISTS ledger.ending (ending_no BIGINT NOT NULL, department VARCHAR NOT NULL, catalogue VARCHAR NOT NULL, landed BIGINT NOT NULL, quarantined BIGINT NOT NULL, mends BIGINT NOT NULL, ground VARCHAR NOT NULL, ended_at TIMESTAMP NOT NULL);

-- What lakes of earlier versions lack.
ALTER TABLE ledger.delivery ADD COLUMN IF NOT EXISTS kind VARCHAR DEFAULT 'increment'; -- increment, snapshot or deletion
ALTER TABLE ledger.delivery ADD COLUMN IF NOT EXISTS ended BIGINT DEFAULT 0;             -- of its landed rows, those that were ended by law and are gone
ALTER TABLE ledger.delivery ADD COLUMN IF NOT EXISTS ended_quarantined BIGINT DEFAULT 0; -- of its quarantined rows, likewise
ALTER TABLE ledger.segment ADD COLUMN IF NOT EXISTS hashing VARCHAR DEFAULT '';        -- how _key and _hash in it were computed, '' when they are absent
ALTER TABLE ledger.superseded ADD COLUMN IF NOT EXISTS since BIGINT DEFAULT 0;
ALTER TABLE ledger.superseded ALTER COLUMN superseded_on DROP NOT NULL;
INSERT INTO ledger.part SELECT delivery_no, segment, landed FROM ledger.delivery WHERE landed > 0 AND segment <> '' AND NOT EXISTS (FROM ledger.part);

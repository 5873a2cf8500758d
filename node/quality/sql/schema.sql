-- What was measured. Rows are added when a delivery is new, or when its landed rows changed in number (a replay of the quarantine).
CREATE SCHEMA IF NOT EXISTS quality;

-- One row per delivery measured: counts over its landed rows. landed is what the ledger said when it was measured.
CREATE TABLE IF NOT EXISTS quality.delivery (
    delivery_no    BIGINT NOT NULL,
    department     VARCHAR NOT NULL,
    catalogue      VARCHAR NOT NULL,
    version        VARCHAR NOT NULL,  -- of the contract
    measured_at    TIMESTAMP NOT NULL,
    landed         BIGINT NOT NULL,
    rows           BIGINT NOT NULL,   -- of these, the ones that say something; the others end what was said before
    cells          BIGINT NOT NULL,   -- that hold a value
    expected       BIGINT NOT NULL,   -- cells that the contract expects a value in
    empty          BIGINT NOT NULL,   -- of these, cells without one
    odd            BIGINT NOT NULL,   -- values that break a pattern or a list of values
    checked        BIGINT NOT NULL,   -- values with a check character or a range
    wrong          BIGINT NOT NULL,   -- values of the right form whose check character is wrong
    contradictions BIGINT NOT NULL,   -- rows that break a rule about the whole row
    conflicts      BIGINT NOT NULL    -- rows that another row of the same day contradicts
);

-- One row per delivery and field of the contract.
CREATE TABLE IF NOT EXISTS quality.field (delivery_no BIGINT NOT NULL, field VARCHAR NOT NULL, filled BIGINT NOT NULL, odd BIGINT NOT NULL, wrong BIGINT NOT NULL);

-- One row per delivery and rule about a whole row.
CREATE TABLE IF NOT EXISTS quality.breach (delivery_no BIGINT NOT NULL, rule VARCHAR NOT NULL, rows BIGINT NOT NULL);

-- One row per catalogue and day on which it was scored: shares from 0 to 1.
CREATE TABLE IF NOT EXISTS quality.score (
    scored_on  DATE NOT NULL,
    department VARCHAR NOT NULL,
    catalogue  VARCHAR NOT NULL,
    deliveries BIGINT NOT NULL,
    landed     BIGINT NOT NULL,
    normative  DOUBLE NOT NULL,
    complete   DOUBLE NOT NULL,
    accurate   DOUBLE NOT NULL,
    consistent DOUBLE NOT NULL,
    timely     DOUBLE NOT NULL,
    accessible DOUBLE NOT NULL
);

-- One row per check across departments and time that it was computed; basis says from which deliveries and links.
CREATE TABLE IF NOT EXISTS quality.cross_check (name VARCHAR NOT NULL, computed_at TIMESTAMP NOT NULL, basis VARCHAR NOT NULL, compared BIGINT NOT NULL, disagree BIGINT NOT NULL);

-- One row per landed row that speaks about a firm and period on which departments disagree, as of the check's last computation.
CREATE TABLE IF NOT EXISTS quality.cross_row (name VARCHAR NOT NULL, department VARCHAR NOT NULL, catalogue VARCHAR NOT NULL, delivery VARCHAR NOT NULL, row BIGINT NOT NULL);

-- One row per text of a contract that was ever in force in this node, from the time at which it was first seen.
CREATE TABLE IF NOT EXISTS quality.contract (department VARCHAR NOT NULL, catalogue VARCHAR NOT NULL, version VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, added BOOLEAN NOT NULL, since TIMESTAMP NOT NULL);

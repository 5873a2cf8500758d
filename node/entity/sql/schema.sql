-- Where linking keeps what it knows. Made once; never emptied, because a firm keeps its firm_id.
CREATE SCHEMA IF NOT EXISTS entity;
CREATE SCHEMA IF NOT EXISTS linked;
-- One row per firm of the reference catalogues, as registered last. known_on is the day of that registration's delivery.
CREATE TABLE IF NOT EXISTS entity.firm (
    firm_id BIGINT, usci VARCHAR, reg_no VARCHAR, org_code VARCHAR, firm_code VARCHAR, firm_name VARCHAR, kind VARCHAR, division_code VARCHAR,
    industry_code VARCHAR, established_on DATE, status VARCHAR, closed_on DATE, address VARCHAR, legal_person VARCHAR,
    legal_person_id VARCHAR, known_on DATE
);
-- One row per identifier by which a firm was ever registered: what keeps its firm_id the same from run to run.
CREATE TABLE IF NOT EXISTS entity.firm_key (key VARCHAR, firm_id BIGINT);
-- One row per catalogue and distinct identity that was linked, and one per identity that was not.
CREATE TABLE IF NOT EXISTS entity.link (catalogue VARCHAR, _identity UBIGINT, firm_id BIGINT, rule VARCHAR, confidence DOUBLE);
CREATE TABLE IF NOT EXISTS entity.unlinked (catalogue VARCHAR, _identity UBIGINT);
-- One row per firm and name, current or former.
CREATE TABLE IF NOT EXISTS entity.name (firm_id BIGINT, firm_name VARCHAR, former BOOLEAN);
-- One row: what the links were made against, as digests of the registrations and renamings, and the versions of the rules and of the engine.
CREATE TABLE IF NOT EXISTS entity.basis (registrations UBIGINT, renames UBIGINT, rules INTEGER);
ALTER TABLE entity.basis ADD COLUMN IF NOT EXISTS engine VARCHAR;
-- What codes alone do not settle. One row per catalogue and identity, with what the record says of its firm; writing_id is the same for the same
-- content, whatever the catalogue.
CREATE TABLE IF NOT EXISTS entity.open_identity (
    catalogue VARCHAR, _identity UBIGINT, writing_id UBIGINT, usci VARCHAR, reg_no VARCHAR, org_code VARCHAR, taxpayer_id VARCHAR,
    firm_code VARCHAR, firm_name VARCHAR, legal_person VARCHAR
);
-- One row per writing and key by which firms are found for it: what tells whom a change of the register can touch.
CREATE TABLE IF NOT EXISTS entity.open_key (writing_id UBIGINT, key UBIGINT);
-- One row per writing that a steward should see: its best firm, the next, the chance that it is the best, and why it is doubtful.
CREATE TABLE IF NOT EXISTS entity.doubt (writing_id UBIGINT, firm_id BIGINT, share DOUBLE, bits DOUBLE, second_id BIGINT, why VARCHAR);
-- One row per decision of a steward about a writing. Rows are added and never changed; the latest counts. decision: link (it is firm_id), keep (it is
-- firm_id, as linked), split (it is not firm_id).
CREATE TABLE IF NOT EXISTS entity.decision (
    decided_at TIMESTAMP, decided_by VARCHAR, reason VARCHAR, decision VARCHAR, catalogue VARCHAR, _identity UBIGINT, writing_id UBIGINT, firm_id BIGINT
);

-- One row per linking run: the day that its register speaks of, and what it did.
CREATE TABLE IF NOT EXISTS entity.run (run BIGINT, known_on DATE, rules INTEGER, firms BIGINT, looked BIGINT, linked BIGINT, learnt BOOLEAN);
-- One row per change of what was known before: merge (other_firm_id became firm_id), split (firm_id left other_firm_id), relink (a writing went from
-- other_firm_id to firm_id, either of which may be none).
CREATE TABLE IF NOT EXISTS entity.change (run BIGINT, known_on DATE, what VARCHAR, catalogue VARCHAR, _identity UBIGINT, firm_id BIGINT, other_firm_id BIGINT, why VARCHAR);
-- The weights that a run learnt, one row per field and level (u is empty where it follows from how many share the value), and one per kind of firm
-- and level of name: how many others are to be expected to bear it.
CREATE TABLE IF NOT EXISTS entity.weight (run BIGINT, field VARCHAR, level INTEGER, m DOUBLE, u DOUBLE, bits DOUBLE, pairs BIGINT, prior DOUBLE, firms BIGINT);
CREATE TABLE IF NOT EXISTS entity.name_weight (run BIGINT, kind VARCHAR, level INTEGER, others DOUBLE);

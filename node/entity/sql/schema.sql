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
-- One row: what the links were made against, as digests of the registrations and renamings, and the version of the rules.
CREATE TABLE IF NOT EXISTS entity.basis (registrations UBIGINT, renames UBIGINT, rules INTEGER);

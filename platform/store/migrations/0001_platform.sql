-- The platform's own tables. Conventions are in the package's doc.go: ids are ULIDs, times are microseconds since 1970 UTC with
-- 0 for none, money is fen, rates are basis points, booleans are 0 or 1.

-- One row per organisation: a tenant.
create table organisation (
    id               text primary key,
    kind             text not null check (kind in ('enterprise', 'individual', 'bank', 'government', 'operator')),
    name             text not null,
    name_en          text not null default '',
    department       text not null default '',
    city             text not null,
    usci             text not null default '',
    division         text not null default '',
    industry_section text not null default '',
    established_on   bigint not null default 0,
    size_declared    text not null default '',
    employees        bigint not null default 0,
    verified_at      bigint not null default 0,
    created_at       bigint not null
);
-- A firm is verified once; a second one who claims its code is refused.
create unique index organisation_verified_usci on organisation (usci) where verified_at > 0;
create index organisation_kind on organisation (kind, city);

-- The platform itself is a party: it is the grantee of identity checks, under the name that it has at the border.
insert into organisation (id, kind, name, name_en, city, created_at) values ('platform', 'operator', '一贷通平台', 'Yidaitong platform', '', 0);

-- One row per person's way in.
create table account (
    id              text primary key,
    org_id          text not null references organisation (id),
    login           text not null unique,
    name            text not null,
    role            text not null,
    password_hash   text not null,
    resident_hash   text not null default '',
    resident_masked text not null default '',
    verified_at     bigint not null default 0,
    created_at      bigint not null
);
create index account_org on account (org_id);

-- One row per login that somebody failed to sign in with, whether it exists or not: the hash of the login, so that a password
-- typed into the wrong field is not kept.
create table sign_in_failure (
    login_hash   text primary key,
    failures     bigint not null,
    locked_until bigint not null,
    last_at      bigint not null
);

-- One row per open session; the token itself is not here, only its hash.
create table session (
    token_hash text primary key,
    account_id text not null references account (id),
    started_at bigint not null,
    seen_at    bigint not null
);
create index session_account on session (account_id);

-- One row per attempt to prove who somebody is.
create table identity_check (
    id              text primary key,
    org_id          text not null references organisation (id),
    account_id      text not null references account (id),
    request_id      text not null unique,
    grant_id        text not null,
    state           text not null check (state in ('asked', 'verified', 'failed', 'refused')),
    usci            text not null,
    firm_name       text not null,
    person_name     text not null,
    resident_hash   text not null,
    resident_masked text not null,
    result          bytea,
    refusal         bigint not null default 0,
    envelope_id     text not null default '',
    asked_at        bigint not null,
    answered_at     bigint not null default 0
);
create index identity_check_org on identity_check (org_id, asked_at);

-- One row per authorisation. Only uses, revoked_at and what belongs to the withdrawal change.
create table consent_grant (
    id                     text primary key,
    subject_org            text not null references organisation (id),
    subject_usci           text not null,
    city                   text not null,
    grantee_id             text not null references organisation (id),
    purpose                bigint not null,
    classes                text not null,
    not_before             bigint not null,
    not_after              bigint not null,
    max_uses               bigint not null,
    uses                   bigint not null default 0 check (uses <= max_uses),
    text_version           text not null,
    evidence               text not null,
    given_by               text not null references account (id),
    given_at               bigint not null,
    envelope               bytea not null,
    envelope_id            text not null,
    leaf_index             bigint not null,
    revoked_at             bigint not null default 0,
    revoked_by             text not null default '',
    revocation_envelope_id text not null default ''
);
create index consent_grant_subject on consent_grant (subject_org, given_at);
create index consent_grant_grantee on consent_grant (grantee_id, subject_org, purpose);

-- One row per event in "who used my data".
create table data_use (
    id          text primary key,
    subject_org text not null references organisation (id),
    at          bigint not null,
    kind        text not null,
    grant_id    text not null references consent_grant (id),
    request_id  text not null default '',
    user_org    text not null references organisation (id),
    account_id  text not null default '',
    payload     bigint not null,
    refusal     bigint not null default 0,
    alert       bigint not null default 0,
    score       bigint not null default 0,
    grade       bigint not null default 0,
    limit_band  bigint not null default 0,
    envelope_id text not null,
    origin      text not null,
    leaf_index  bigint not null,
    unique (envelope_id)
);
create index data_use_subject on data_use (subject_org, at);
create index data_use_request on data_use (request_id);

-- One row per day on which the loan prime rate was published.
create table lpr (
    published_on bigint primary key,
    one_year_bp  bigint not null,
    five_year_bp bigint not null
);

-- One row per product, and one per version of it. A version never changes.
create table product (
    id           text primary key,
    bank_id      text not null references organisation (id),
    city         text not null,
    version      bigint not null,
    suspended_at bigint not null default 0
);
create index product_bank on product (bank_id);
create table product_version (
    product_id     text not null references product (id),
    version        bigint not null,
    kind           text not null,
    name_zh        text not null,
    name_en        text not null,
    body           text not null,
    effective_from bigint not null,
    published_by   text not null,
    published_at   bigint not null,
    primary key (product_id, version)
);

-- One row per demand.
create table demand (
    id           text primary key,
    org_id       text not null references organisation (id),
    city         text not null,
    region       text not null,
    amount_fen   bigint not null check (amount_fen > 0),
    term_months  bigint not null check (term_months > 0),
    used_for     text not null,
    security     text not null,
    needed_by    bigint not null default 0,
    state        text not null,
    published_at bigint not null,
    expires_at   bigint not null,
    closed_at    bigint not null default 0
);
create index demand_org on demand (org_id, published_at);
create index demand_open on demand (city, published_at) where state in ('open', 'applied');

-- One row per application; version counts its changes.
create table application (
    id              text primary key,
    number          text not null unique,
    org_id          text not null references organisation (id),
    bank_id         text not null references organisation (id),
    city            text not null,
    region          text not null,
    product_id      text not null,
    product_version bigint not null,
    demand_id       text references demand (id),
    amount_fen      bigint not null check (amount_fen > 0),
    term_months     bigint not null check (term_months > 0),
    used_for        text not null,
    repayment       text not null,
    state           text not null,
    version         bigint not null,
    owner           text not null default '',
    deadline        bigint not null default 0,
    officer_id      text not null default '',
    grant_id        text not null,
    reason_code     text not null default '',
    reason_text     text not null default '',
    created_at      bigint not null,
    updated_at      bigint not null,
    decided_at      bigint not null default 0,
    foreign key (product_id, product_version) references product_version (product_id, version)
);
create index application_org on application (org_id, created_at);
create index application_bank on application (bank_id, state, deadline);
create index application_deadline on application (deadline) where deadline > 0;
-- A double click on the form finds the first application instead of making a second one.
create unique index application_once on application (org_id, product_id, coalesce(demand_id, ''))
    where state in ('draft', 'submitted', 'accepted', 'in_review', 'more_information', 'approved', 'offer_accepted', 'contract_signed');

-- One row per change of an application, in order.
create table application_step (
    application_id text not null references application (id),
    seq            bigint not null,
    at             bigint not null,
    actor_id       text not null,
    actor_name     text not null,
    side           text not null,
    from_state     text not null,
    event          text not null,
    to_state       text not null,
    reason_code    text not null default '',
    reason_text    text not null default '',
    primary key (application_id, seq)
);

-- One row per credit report asked for.
create table credit_report (
    id             text primary key,
    application_id text not null references application (id),
    org_id         text not null references organisation (id),
    bank_id        text not null references organisation (id),
    request_id     text not null unique,
    grant_id       text not null references consent_grant (id),
    state          text not null check (state in ('requested', 'arrived', 'refused')),
    result         bytea,
    refusal        bigint not null default 0,
    envelope_id    text not null default '',
    origin         text not null default '',
    leaf_index     bigint not null default 0,
    requested_by   text not null,
    requested_at   bigint not null,
    arrived_at     bigint not null default 0
);
create index credit_report_application on credit_report (application_id, requested_at);
create index credit_report_org on credit_report (org_id, arrived_at);
-- Two officers who click at once ask once.
create unique index credit_report_underway on credit_report (application_id) where state = 'requested';

-- One row per application that got an offer.
create table offer (
    application_id text primary key references application (id),
    amount_fen     bigint not null,
    term_months    bigint not null,
    rate_bp        bigint not null,
    lpr_bp         bigint not null,
    repayment      text not null,
    day_count      text not null,
    conditions     text not null,
    valid_until    bigint not null,
    made_by        text not null,
    made_at        bigint not null
);

-- One row per application whose offer was accepted: the agreed text, and its place in the log once signed.
create table contract (
    application_id text primary key references application (id),
    number         text not null unique,
    text_zh        text not null,
    sha256         text not null,
    signed_by      text not null default '',
    signed_at      bigint not null default 0,
    origin         text not null default '',
    leaf_index     bigint not null default 0
);

-- One row per loan paid out.
create table loan (
    id              text primary key,
    application_id  text not null unique references application (id),
    org_id          text not null references organisation (id),
    bank_id         text not null references organisation (id),
    amount_fen      bigint not null,
    rate_bp         bigint not null,
    term_months     bigint not null,
    repayment       text not null,
    day_count       text not null,
    bank_reference  text not null,
    disbursed_on    bigint not null,
    disbursed_at    bigint not null,
    due_on          bigint not null,
    outstanding_fen bigint not null check (outstanding_fen >= 0),
    overdue_days    bigint not null default 0,
    overdue_fen     bigint not null default 0,
    class           text not null default 'normal',
    first_loan      bigint not null default 0,
    settled_at      bigint not null default 0,
    unique (bank_id, bank_reference)
);
create index loan_org on loan (org_id);
create index loan_open on loan (bank_id, due_on) where settled_at = 0;

-- One row per instalment of a loan's schedule.
create table instalment (
    loan_id       text not null references loan (id),
    number        bigint not null,
    due_on        bigint not null,
    days          bigint not null,
    principal_fen bigint not null,
    interest_fen  bigint not null,
    paid_fen      bigint not null default 0 check (paid_fen <= principal_fen + interest_fen),
    paid_on       bigint not null default 0,
    balance_fen   bigint not null,
    primary key (loan_id, number)
);
create index instalment_due on instalment (due_on) where paid_on = 0;

-- One row per payment that a bank booked.
create table repayment (
    loan_id        text not null references loan (id),
    bank_id        text not null references organisation (id),
    bank_reference text not null,
    paid_on        bigint not null,
    amount_fen     bigint not null check (amount_fen > 0),
    interest_fen   bigint not null,
    principal_fen  bigint not null,
    early          bigint not null default 0,
    booked_by      text not null,
    booked_at      bigint not null,
    primary key (bank_id, bank_reference)
);
create index repayment_loan on repayment (loan_id, booked_at);

-- One row per loan and grant under which it is watched; the id is that of the request to the node.
create table watch (
    id          text primary key,
    loan_id     text not null references loan (id),
    org_id      text not null references organisation (id),
    bank_id     text not null references organisation (id),
    grant_id    text not null references consent_grant (id),
    envelope_id text not null,
    asked_at    bigint not null,
    unique (loan_id, grant_id)
);

-- One row per alert that a node sent.
create table alert (
    id              text primary key,
    watch_id        text not null references watch (id),
    grant_id        text not null references consent_grant (id),
    loan_id         text not null references loan (id),
    org_id          text not null references organisation (id),
    bank_id         text not null references organisation (id),
    code            bigint not null,
    severity        bigint not null,
    observed_at     bigint not null,
    received_at     bigint not null,
    envelope_id     text not null,
    origin          text not null,
    leaf_index      bigint not null,
    acknowledged_at bigint not null default 0,
    acknowledged_by text not null default '',
    action          text not null default '',
    note            text not null default ''
);
create index alert_bank on alert (bank_id, acknowledged_at);
create index alert_org on alert (org_id);

-- One row per city digest; the newest of a city is shown.
create table city_digest (
    id          text primary key,
    city        text not null,
    as_of       bigint not null,
    received_at bigint not null,
    body        bytea not null,
    envelope_id text not null,
    origin      text not null,
    leaf_index  bigint not null
);
create index city_digest_newest on city_digest (city, received_at);

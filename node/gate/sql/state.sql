-- What the gate must not forget. Times are microseconds since 1970 UTC; 0 means not yet.

-- One row per envelope that was handled. A verified one is named by its id, another one by its digest.
create table if not exists handled (
    name       text primary key,
    digest     blob not null,             -- SHA-256 of what was signed and of the signature
    answer_id  text not null default '',  -- in outbox; empty when there was nothing to answer
    handled_at integer not null
);

-- One row per envelope that leaves, or left.
create table if not exists outbox (
    position integer primary key autoincrement,
    id       text not null unique,
    envelope blob not null,               -- with its log proof once ready
    ready    integer not null default 0,  -- 1 when its leaf is in the log and its proof is attached
    sent_at  integer not null default 0,  -- when the platform said that it is stored
    rejected integer not null default 0,  -- the platform's refusal code; it is not sent again
    made_at  integer not null
);
create index if not exists outbox_waiting on outbox (position) where sent_at = 0 and rejected = 0;

-- One row per leaf that is not known to stand in the log yet. A leaf is written here before it is appended, so that after a crash the very
-- same one is appended again.
create table if not exists leaf (
    text        blob primary key,
    outgoing_id text not null default ''  -- the envelope in outbox that waits for its proof
);

-- One row per use of a grant.
create table if not exists grant_use (
    grant_id   text not null,
    request_id text not null,
    used_at    integer not null,
    primary key (grant_id, request_id)
) without rowid;

-- One row per grant that was withdrawn.
create table if not exists revocation (
    grant_id   text primary key,
    revoked_at integer not null
) without rowid;

-- One row per firm that is watched for somebody.
create table if not exists watch (
    id        text primary key,
    grant_id  text not null,
    usci      text not null,
    classes   text not null,              -- numbers of the data classes granted, by comma
    not_after integer not null,
    grade     integer not null,           -- last known to the one who watches
    ended_at  integer not null default 0
);
create index if not exists watch_grant on watch (grant_id);

-- One row per event that a watch has dealt with: sent as an alert, or known before the watch began.
create table if not exists watch_event (
    watch_id  text not null,
    event_key text not null,
    primary key (watch_id, event_key)
) without rowid;

-- The newest generation of the snapshot that was looked through for alerts and whose digest was sent.
create table if not exists progress (
    only       integer primary key check (only = 1),
    generation integer not null
);

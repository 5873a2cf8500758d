-- What was said between the platform and the cities' nodes. Envelopes are kept as they were signed, with their log proofs.

-- One row per envelope, either way.
create table envelope (
    id         text primary key,
    city       text not null,
    kind       bigint not null,
    outbound   bigint not null check (outbound in (0, 1)),
    -- Of an answer: the id of the request that it answers. Empty otherwise.
    request_id text not null default '',
    body       bytea not null,
    -- Of an outbound envelope: its place in the city's queue.
    position   bigint not null default 0,
    -- The node's session that it was handed out to last.
    session    text not null default '',
    kept_at    bigint not null,
    -- Of an outbound envelope: when it was answered, or taken by the node without need of an answer.
    closed_at  bigint not null default 0
);
create unique index envelope_position on envelope (city, position) where outbound = 1;
create index envelope_waiting on envelope (city, position) where outbound = 1 and closed_at = 0;
create unique index envelope_answer on envelope (request_id) where request_id <> '';

-- One row per leaf of the platform's log that stands for something else than an envelope. Who holds salt and content can show
-- what the leaf stands for.
create table log_record (
    kind       text not null,
    id         text not null,
    salt       bytea not null,
    leaf_index bigint not null,
    kept_at    bigint not null,
    primary key (kind, id)
);

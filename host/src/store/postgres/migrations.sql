-- A store in PostgreSQL. Numbers of owners and keys are unsigned; they are kept with their highest bit
-- flipped, so that they sort as they should. Every table begins with the owner, so that an engine that
-- spreads rows over machines by primary key keeps an owner together.

-- One row: what is true of the whole store.
CREATE TABLE memt_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    model bigint NOT NULL,
    frame bytea NOT NULL
);

-- Origins of keys that processes have or had.
CREATE TABLE memt_origins (
    origin bigint PRIMARY KEY,
    leased timestamptz NOT NULL DEFAULT now()
);

-- `changes` counts the batches that changed an owner; `moved` is the transaction of the last of them. Whatever a snapshot does not show has a transaction that is not before the
-- snapshot's xmin, so owners that moved since that one are all that may have changed.
CREATE TABLE memt_owners (
    owner bigint PRIMARY KEY,
    changes bigint NOT NULL,
    moved xid8 NOT NULL DEFAULT pg_current_xact_id(),
    frame bytea
);
CREATE INDEX memt_owners_moved ON memt_owners (moved);

-- In the next two, `changes` is the owner's count as of when the row was written.
CREATE TABLE memt_memories (
    owner bigint NOT NULL,
    key bigint NOT NULL,
    changes bigint NOT NULL,
    frame bytea NOT NULL,
    PRIMARY KEY (owner, key)
);
CREATE INDEX memt_memories_changes ON memt_memories (owner, changes);

CREATE TABLE memt_deletions (
    owner bigint NOT NULL,
    key bigint NOT NULL,
    changes bigint NOT NULL,
    frame bytea NOT NULL,
    PRIMARY KEY (owner, key)
);
CREATE INDEX memt_deletions_changes ON memt_deletions (owner, changes);

CREATE TABLE memt_encodings (
    owner bigint NOT NULL,
    key bigint NOT NULL,
    changes bigint NOT NULL,
    frame bytea NOT NULL,
    PRIMARY KEY (owner, key)
);

CREATE TABLE memt_notes (
    owner bigint NOT NULL,
    key bigint NOT NULL,
    changes bigint NOT NULL,
    frame bytea NOT NULL,
    PRIMARY KEY (owner, key)
);

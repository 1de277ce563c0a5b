-- The schema as the second version of the box left it, before there was a chain of call records.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- The office as its file, each secret in it encrypted.
CREATE TABLE revisions (
    number INTEGER PRIMARY KEY,
    who TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    why TEXT NOT NULL,
    office TEXT NOT NULL
) STRICT;

CREATE TABLE calls (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    direction TEXT NOT NULL,
    from_number TEXT NOT NULL,
    from_name TEXT NOT NULL,
    to_number TEXT NOT NULL,
    answered_by TEXT,
    trunk TEXT,
    started_ms INTEGER NOT NULL,
    answered_ms INTEGER,
    ended_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER NOT NULL,
    emergency INTEGER NOT NULL,
    caller_packets INTEGER NOT NULL,
    caller_lost INTEGER NOT NULL,
    caller_jitter_ms REAL NOT NULL,
    caller_jitter_max_ms REAL NOT NULL,
    caller_intruders INTEGER NOT NULL,
    caller_unauthentic INTEGER NOT NULL,
    caller_malformed INTEGER NOT NULL,
    caller_one_way INTEGER NOT NULL,
    callee_packets INTEGER NOT NULL,
    callee_lost INTEGER NOT NULL,
    callee_jitter_ms REAL NOT NULL,
    callee_jitter_max_ms REAL NOT NULL,
    callee_intruders INTEGER NOT NULL,
    callee_unauthentic INTEGER NOT NULL,
    callee_malformed INTEGER NOT NULL,
    callee_one_way INTEGER NOT NULL
) STRICT;
CREATE INDEX calls_by_id ON calls (id);

-- document and secret are encrypted.
CREATE TABLE devices (
    mac TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    document TEXT NOT NULL,
    secret TEXT,
    last_seen_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One administrator. Both columns are argon2id hashes.
CREATE TABLE admin (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    password_hash TEXT,
    setup_code_hash TEXT
) STRICT;

-- The token itself is nowhere but in the browser.
CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY,
    created_ms INTEGER NOT NULL,
    last_used_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Keys of the box (its CA, its TLS certificate), encrypted.
CREATE TABLE secrets (name TEXT PRIMARY KEY, sealed TEXT NOT NULL) STRICT, WITHOUT ROWID;

ALTER TABLE calls ADD COLUMN transferred_by TEXT;
PRAGMA application_id = 1129599564;
PRAGMA user_version = 2;

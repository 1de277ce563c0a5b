//! The tables, and how an older database becomes one of today.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::StoreError;
use crate::chain::chain_old_records;

/// Marks a file as ours (SQLite's `application_id`): "CTRL" in ASCII.
const APPLICATION_ID: i32 = 0x4354_524c;

/// What SQL cannot do.
type Work = fn(&Transaction<'_>) -> Result<(), StoreError>;

/// What one step does: SQL, and perhaps what SQL cannot do, and SQL again.
struct Step {
    sql: &'static str,
    then: Option<(Work, &'static str)>,
}

impl Step {
    const fn of(sql: &'static str) -> Self {
        Self { sql, then: None }
    }

    fn take(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        transaction.execute_batch(self.sql)?;
        if let Some((work, sql)) = self.then {
            work(transaction)?;
            transaction.execute_batch(sql)?;
        }
        Ok(())
    }
}

/// One step each, never changed once released. The number of the last is the schema's.
const MIGRATIONS: &[Step] = &[
    Step::of(
        "
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
",
    ),
    Step::of(
        "
    ALTER TABLE calls ADD COLUMN transferred_by TEXT;
",
    ),
    Step::of(
        "
    -- Whether a revision changed contacts and nothing else.
    ALTER TABLE revisions ADD COLUMN contacts_only INTEGER NOT NULL DEFAULT 0;
    -- Which revision goes is decided without reading the offices.
    CREATE INDEX revisions_in_short ON revisions (number, who, at_ms, contacts_only);
",
    ),
    Step { sql: CHAIN, then: Some((chain_old_records, APPEND_ONLY)) },
    Step::of(
        "
    -- Pictures that an office names by their SHA-256, in the order in which they were chosen.
    CREATE TABLE pictures (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        sha256 TEXT NOT NULL UNIQUE,
        png BLOB NOT NULL
    ) STRICT;
",
    ),
    Step::of(
        "
    -- What is spent; one line for each thing that it is counted under.
    CREATE TABLE spent (
        name TEXT PRIMARY KEY,
        window INTEGER NOT NULL,
        amount INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
",
    ),
    Step::of(
        "
    -- What each provider asks, as its file; days since 1970, thousandths that are added for VAT.
    CREATE TABLE decks (
        trunk TEXT PRIMARY KEY,
        host TEXT NOT NULL,
        valid_from INTEGER NOT NULL,
        vat_per_mille INTEGER NOT NULL,
        taken_ms INTEGER NOT NULL,
        csv BLOB NOT NULL
    ) STRICT;
",
    ),
    Step::of(
        "
    -- Messages in mailboxes. The voice is encrypted.
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        mailbox TEXT NOT NULL,
        from_number TEXT NOT NULL,
        from_name TEXT NOT NULL,
        received_ms INTEGER NOT NULL,
        length_ms INTEGER NOT NULL,
        heard INTEGER NOT NULL,
        voice BLOB NOT NULL
    ) STRICT;
    CREATE INDEX messages_by_mailbox ON messages (mailbox, id);
",
    ),
    Step::of(
        "
    -- Whose packets are not taken; port 0 is every port.
    CREATE TABLE blocks (
        source TEXT NOT NULL,
        port INTEGER NOT NULL,
        reason TEXT NOT NULL,
        since_ms INTEGER NOT NULL,
        until_ms INTEGER NOT NULL,
        PRIMARY KEY (source, port)
    ) STRICT, WITHOUT ROWID;
",
    ),
    Step::of(
        "
    -- Whether a call came from outside under a number of the office. NULL in older records, of which nothing is hashed then.
    ALTER TABLE calls ADD COLUMN spoofed INTEGER;

    -- What is known of calls that last: a row for each column of the record that each would be, and of its legs from 1 on.
    CREATE TABLE open_calls (
        id TEXT NOT NULL,
        part INTEGER NOT NULL,
        name TEXT NOT NULL,
        value ANY,
        PRIMARY KEY (id, part, name)
    ) STRICT, WITHOUT ROWID;
",
    ),
    Step::of(
        "
    -- Who stopped calls, and who let them go again. The last line of each stop says whether it is on.
    CREATE TABLE stops (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        stop TEXT NOT NULL,
        is_on INTEGER NOT NULL,
        who TEXT NOT NULL,
        source TEXT NOT NULL,
        at_ms INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX stops_by_stop ON stops (stop, sequence);
    CREATE TRIGGER stops_added BEFORE INSERT ON stops
        WHEN EXISTS (SELECT 1 FROM stops WHERE sequence = new.sequence)
        BEGIN SELECT RAISE(ABORT, 'stops are only added'); END;
    CREATE TRIGGER stops_unchanged BEFORE UPDATE ON stops
        BEGIN SELECT RAISE(ABORT, 'stops are never changed'); END;
    CREATE TRIGGER stops_kept BEFORE DELETE ON stops
        BEGIN SELECT RAISE(ABORT, 'stops are never removed'); END;
",
    ),
    Step::of(
        "
    -- The devices that each account is at home on; an instance that is not named is empty.
    CREATE TABLE bonds (
        account TEXT NOT NULL,
        family TEXT NOT NULL,
        instance TEXT NOT NULL,
        place TEXT NOT NULL,
        since_ms INTEGER NOT NULL,
        PRIMARY KEY (account, family, instance, place)
    ) STRICT, WITHOUT ROWID;
",
    ),
    Step::of(INCIDENTS),
    Step::of(
        "
    -- Who may log in, and as what. The password's hash is argon2id's; the code's is SHA-256, since the box made it.
    CREATE TABLE users (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        role TEXT NOT NULL,
        person TEXT,
        ends_ms INTEGER,
        password_hash TEXT,
        code_hash BLOB,
        code_ends_ms INTEGER
    ) STRICT;
    -- There was one administrator, whose password this box knows.
    INSERT INTO users (name, role, password_hash)
        SELECT 'admin', 'owner', password_hash FROM admin WHERE password_hash IS NOT NULL;
    ALTER TABLE admin DROP COLUMN password_hash;
    -- Nobody knows from where the sessions of before were begun: they are over.
    DROP TABLE sessions;
    CREATE TABLE sessions (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        token_hash BLOB NOT NULL UNIQUE,
        user INTEGER NOT NULL,
        source TEXT NOT NULL,
        agent TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        last_used_ms INTEGER NOT NULL
    ) STRICT;
",
    ),
    Step::of(
        "
    -- Who did what; `audit` says what is hashed.
    CREATE TABLE audit (
        sequence INTEGER PRIMARY KEY,
        what TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        who TEXT NOT NULL,
        source TEXT NOT NULL,
        about TEXT NOT NULL,
        revision INTEGER,
        hash BLOB NOT NULL
    ) STRICT;
    CREATE TABLE audit_chain (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        anchor_sequence INTEGER NOT NULL,
        anchor_hash BLOB NOT NULL,
        head_sequence INTEGER NOT NULL,
        head_hash BLOB NOT NULL,
        CHECK (anchor_sequence <= head_sequence)
    ) STRICT;
    INSERT INTO audit_chain VALUES (1, 0, zeroblob(32), 0, zeroblob(32));
    CREATE TRIGGER audit_in_order BEFORE INSERT ON audit
        WHEN new.sequence IS NOT (SELECT head_sequence + 1 FROM audit_chain)
        BEGIN SELECT RAISE(ABORT, 'the log is added to, one line after the other'); END;
    CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the log is never changed'); END;
    CREATE TRIGGER audit_kept BEFORE DELETE ON audit
        WHEN old.sequence > (SELECT anchor_sequence FROM audit_chain)
        BEGIN SELECT RAISE(ABORT, 'the log is never shortened'); END;
    CREATE TRIGGER audit_chain_one BEFORE INSERT ON audit_chain
        BEGIN SELECT RAISE(ABORT, 'there is one chain'); END;
    CREATE TRIGGER audit_chain_forward BEFORE UPDATE ON audit_chain
        WHEN new.head_sequence < old.head_sequence OR new.anchor_sequence < old.anchor_sequence
        BEGIN SELECT RAISE(ABORT, 'the chain only grows'); END;
    CREATE TRIGGER audit_chain_stays BEFORE DELETE ON audit_chain
        BEGIN SELECT RAISE(ABORT, 'there is one chain'); END;
",
    ),
    Step::of(
        "
    -- How trunks go round a router that changes calls, and the server that each way is worth something for.
    CREATE TABLE ways (
        trunk TEXT NOT NULL PRIMARY KEY,
        server TEXT NOT NULL,
        step TEXT NOT NULL,
        public TEXT
    ) STRICT, WITHOUT ROWID;
",
    ),
    Step::of(
        "
    -- Numbers that became a person's, and the last call record before that: those up to it are another's.
    CREATE TABLE arrivals (
        number TEXT NOT NULL PRIMARY KEY,
        last_call INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
",
    ),
    Step::of(
        "
    -- The second factor of users: a sealed secret, and hashes (SHA-256, since the box made them) of codes that are good once.
    CREATE TABLE factors (
        user INTEGER PRIMARY KEY REFERENCES users (number) ON DELETE CASCADE,
        secret BLOB NOT NULL,
        is_on INTEGER NOT NULL,
        last_step INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE recovery_codes (
        user INTEGER NOT NULL REFERENCES factors (user) ON DELETE CASCADE,
        code_hash BLOB NOT NULL,
        PRIMARY KEY (user, code_hash)
    ) STRICT, WITHOUT ROWID;
",
    ),
    Step::of(
        "
    -- Mail that is to leave, and what became of it. What it says is encrypted, and gone once it left or was given up; without a
    -- next time it is not tried again.
    CREATE TABLE mails (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        about TEXT NOT NULL,
        stage INTEGER NOT NULL,
        recipient TEXT NOT NULL,
        said BLOB NOT NULL,
        made_ms INTEGER NOT NULL,
        next_ms INTEGER,
        tries INTEGER NOT NULL,
        sent_ms INTEGER,
        fault TEXT
    ) STRICT;
    CREATE INDEX mails_by_next ON mails (next_ms) WHERE next_ms IS NOT NULL;
    CREATE INDEX mails_by_about ON mails (about, number);
",
    ),
    Step::of(
        "
    -- Browsers in which users logged in, by the SHA-256 of what each holds to show it.
    CREATE TABLE browsers (
        user INTEGER NOT NULL REFERENCES users (number) ON DELETE CASCADE,
        token_hash BLOB NOT NULL,
        used_ms INTEGER NOT NULL,
        PRIMARY KEY (user, token_hash)
    ) STRICT, WITHOUT ROWID;
",
    ),
    Step::of(
        "
    -- The id of the call that a call was made to mark as malicious.
    ALTER TABLE calls ADD COLUMN marks TEXT;
    CREATE INDEX calls_by_mark ON calls (marks) WHERE marks IS NOT NULL;
",
    ),
    Step::of(
        "
    -- Addresses at which somebody is told, and when each showed that mail arrives. Those that got mail until now go on to get
    -- it, and are asked at once.
    CREATE TABLE confirmations (
        address TEXT NOT NULL PRIMARY KEY,
        confirmed_ms INTEGER,
        asked_ms INTEGER,
        left_ms INTEGER,
        code_hash BLOB,
        code_ends_ms INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX confirmations_by_code ON confirmations (code_hash) WHERE code_hash IS NOT NULL;
    INSERT INTO confirmations (address, confirmed_ms)
        SELECT DISTINCT recipient, 0 FROM mails WHERE sent_ms IS NOT NULL;
",
    ),
    Step::of(
        "
    -- Changes of the office that were told, each from one revision to another, and by which it was taken back; with the hash
    -- (SHA-256, since the box made it) of the code that does so.
    CREATE TABLE undos (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        before_revision INTEGER NOT NULL,
        after_revision INTEGER NOT NULL,
        who TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        code_hash BLOB NOT NULL UNIQUE,
        taken_back INTEGER
    ) STRICT;
",
    ),
    Step::of(
        "
    -- Also what no revision holds: a log-in that came or may do more, a raised cap. Without a code it was not told yet.
    CREATE TABLE undos_with_deeds (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        before_revision INTEGER NOT NULL,
        after_revision INTEGER NOT NULL,
        who TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        code_hash BLOB UNIQUE,
        taken_back INTEGER,
        deed TEXT,
        subject TEXT,
        user INTEGER,
        role TEXT,
        person TEXT,
        ends_ms INTEGER
    ) STRICT;
    INSERT INTO undos_with_deeds (number, before_revision, after_revision, who, at_ms, code_hash, taken_back)
        SELECT number, before_revision, after_revision, who, at_ms, code_hash, taken_back FROM undos;
    DROP TABLE undos;
    ALTER TABLE undos_with_deeds RENAME TO undos;
",
    ),
    Step::of("CREATE TABLE acceptances (user INTEGER PRIMARY KEY, version TEXT NOT NULL, at_ms INTEGER NOT NULL) STRICT;"),
    Step::of(
        "
    -- The number of the office that was called from outside.
    ALTER TABLE calls ADD COLUMN line TEXT;
    -- Complaints about calls to own numbers that cost the caller extra: only added to, and answered once.
    CREATE TABLE complaints (
        number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        premium TEXT NOT NULL,
        received TEXT NOT NULL,
        due TEXT NOT NULL,
        caller TEXT NOT NULL,
        said TEXT NOT NULL,
        cents INTEGER NOT NULL,
        noted_ms INTEGER NOT NULL,
        noted_by TEXT NOT NULL,
        answered_ms INTEGER,
        answered_by TEXT,
        answer TEXT
    ) STRICT;
    CREATE INDEX complaints_by_premium ON complaints (premium);
    CREATE TRIGGER complaints_kept BEFORE DELETE ON complaints
        BEGIN SELECT RAISE(ABORT, 'complaints are never removed'); END;
    CREATE TRIGGER complaints_stay BEFORE UPDATE ON complaints
        WHEN old.answered_ms IS NOT NULL
            OR (new.number, new.premium, new.received, new.due, new.caller, new.said, new.cents, new.noted_ms, new.noted_by)
            IS NOT (old.number, old.premium, old.received, old.due, old.caller, old.said, old.cents, old.noted_ms, old.noted_by)
        BEGIN SELECT RAISE(ABORT, 'complaints are answered once and never changed'); END;
",
    ),
    Step::of(
        "
    -- Passkeys of users: nothing of them is a secret.
    CREATE TABLE passkeys (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        user INTEGER NOT NULL REFERENCES users (number) ON DELETE CASCADE,
        credential BLOB NOT NULL UNIQUE,
        public_key BLOB NOT NULL,
        rp_id TEXT NOT NULL,
        name TEXT NOT NULL,
        counter INTEGER NOT NULL,
        created_ms INTEGER NOT NULL,
        used_ms INTEGER
    ) STRICT;
    CREATE INDEX passkeys_by_user ON passkeys (user);
    -- What authenticators know users by.
    CREATE TABLE passkey_handles (
        user INTEGER PRIMARY KEY REFERENCES users (number) ON DELETE CASCADE,
        handle BLOB NOT NULL UNIQUE
    ) STRICT;
    -- Codes for a day without it are of whoever has a second factor, an app or a passkey.
    ALTER TABLE recovery_codes RENAME TO recovery_codes_of_apps;
    CREATE TABLE recovery_codes (
        user INTEGER NOT NULL REFERENCES users (number) ON DELETE CASCADE,
        code_hash BLOB NOT NULL,
        PRIMARY KEY (user, code_hash)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO recovery_codes (user, code_hash) SELECT user, code_hash FROM recovery_codes_of_apps;
    DROP TABLE recovery_codes_of_apps;
",
    ),
    Step::of(
        "
    -- The deck that a trunk had before the first change of it that can still be taken back; without a file it had none.
    CREATE TABLE former_decks (
        trunk TEXT PRIMARY KEY,
        host TEXT,
        valid_from INTEGER,
        vat_per_mille INTEGER,
        taken_ms INTEGER,
        csv BLOB
    ) STRICT;
    -- The passkey that began a session: with it the session goes. The number of a passkey is never another's.
    ALTER TABLE sessions ADD COLUMN passkey INTEGER;
    CREATE TRIGGER passkey_sessions AFTER DELETE ON passkeys
        BEGIN DELETE FROM sessions WHERE passkey = old.number; END;
",
    ),
    Step::of(
        "
    -- Since when a user has an app, and codes for a day without it: what is new raises no cap. Those of before are old.
    ALTER TABLE factors ADD COLUMN since_ms INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE recovery_codes ADD COLUMN since_ms INTEGER NOT NULL DEFAULT 0;
",
    ),
    Step::of(
        "
    -- Names of devices of an account that another device uses as well.
    CREATE TABLE copied (
        account TEXT NOT NULL,
        instance TEXT NOT NULL,
        PRIMARY KEY (account, instance)
    ) STRICT, WITHOUT ROWID;
",
    ),
    Step::of(
        "
    -- What is to be said by calls of the box's own; next_ms is NULL when nobody is rung about it any more.
    CREATE TABLE alert_matters (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        about TEXT NOT NULL,
        stage INTEGER NOT NULL,
        spoken TEXT NOT NULL,
        made_ms INTEGER NOT NULL,
        next_ms INTEGER,
        contact INTEGER NOT NULL,
        tries INTEGER NOT NULL
    ) STRICT;
    -- Such calls, and how each ended.
    CREATE TABLE alert_rings (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        at_ms INTEGER NOT NULL,
        phone TEXT NOT NULL,
        spoken TEXT NOT NULL,
        ended TEXT NOT NULL
    ) STRICT;
    -- Numbers at which somebody is to be told so, and whether somebody there wants it.
    CREATE TABLE alert_phones (
        phone TEXT NOT NULL PRIMARY KEY,
        confirmed_ms INTEGER,
        asked_ms INTEGER,
        wanted INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
",
    ),
    // The password, hashed, of before a code with which another one is chosen.
    Step::of("ALTER TABLE undos ADD COLUMN former_password TEXT;"),
    // In which networks a provider's servers worked: an answer of the resolver that leads elsewhere is seen after a restart too.
    Step::of("CREATE TABLE servers (trunk TEXT PRIMARY KEY, server TEXT NOT NULL, networks TEXT NOT NULL) STRICT;"),
    // When a deed was done, however late it was told.
    Step::of("ALTER TABLE undos ADD COLUMN made_ms INTEGER;"),
    // How often no call came of it. Of a number: when it went, when somebody wanted it asked, and since when that is tried.
    Step::of(
        "
    ALTER TABLE alert_matters ADD COLUMN not_made INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE alert_phones ADD COLUMN left_ms INTEGER;
    ALTER TABLE alert_phones ADD COLUMN pressed_ms INTEGER;
    ALTER TABLE alert_phones ADD COLUMN since_ms INTEGER;
    ALTER TABLE alert_phones ADD COLUMN not_made INTEGER NOT NULL DEFAULT 0;
",
    ),
    // Blocks of before left the page open after a restart.
    Step::of("ALTER TABLE blocks ADD COLUMN page INTEGER NOT NULL DEFAULT 0;"),
    // Sound that was there and stopped, as each side sent it and as it said that it arrives. NULL where that did not happen.
    Step::of(
        "
    ALTER TABLE calls ADD COLUMN caller_fell_silent INTEGER;
    ALTER TABLE calls ADD COLUMN caller_hears_nothing INTEGER;
    ALTER TABLE calls ADD COLUMN callee_fell_silent INTEGER;
    ALTER TABLE calls ADD COLUMN callee_hears_nothing INTEGER;
",
    ),
];

/// The log of incidents. Lines are only added, one after the other, and only go from the front, behind the anchor.
const INCIDENTS: &str = "
    CREATE TABLE incidents (
        sequence INTEGER PRIMARY KEY,
        id TEXT NOT NULL,
        -- `story`: how it stands; else what somebody did about it.
        kind TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        who TEXT NOT NULL,
        document TEXT NOT NULL,
        hash BLOB NOT NULL
    ) STRICT;
    CREATE INDEX incidents_by_id ON incidents (id, sequence);
    CREATE TABLE incident_chain (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        anchor_sequence INTEGER NOT NULL,
        anchor_hash BLOB NOT NULL,
        head_sequence INTEGER NOT NULL,
        head_hash BLOB NOT NULL,
        CHECK (anchor_sequence <= head_sequence)
    ) STRICT;
    INSERT INTO incident_chain VALUES (1, 0, zeroblob(32), 0, zeroblob(32));

    CREATE TRIGGER incidents_in_order BEFORE INSERT ON incidents
        WHEN new.sequence IS NOT (SELECT head_sequence + 1 FROM incident_chain)
        BEGIN SELECT RAISE(ABORT, 'incidents are added one after the other'); END;
    CREATE TRIGGER incidents_stay BEFORE UPDATE ON incidents
        BEGIN SELECT RAISE(ABORT, 'incidents are never changed'); END;
    CREATE TRIGGER incidents_kept BEFORE DELETE ON incidents
        WHEN old.sequence > (SELECT anchor_sequence FROM incident_chain)
        BEGIN SELECT RAISE(ABORT, 'incidents are never removed'); END;
    CREATE TRIGGER incident_chain_one BEFORE INSERT ON incident_chain
        BEGIN SELECT RAISE(ABORT, 'there is one chain'); END;
    CREATE TRIGGER incident_chain_forward BEFORE UPDATE ON incident_chain
        WHEN new.head_sequence < old.head_sequence OR new.anchor_sequence < old.anchor_sequence
        BEGIN SELECT RAISE(ABORT, 'the chain only grows'); END;
    CREATE TRIGGER incident_chain_stays BEFORE DELETE ON incident_chain
        BEGIN SELECT RAISE(ABORT, 'there is one chain'); END;
";

/// What a chain of call records needs: `chain` says what is hashed.
const CHAIN: &str = "
    ALTER TABLE calls ADD COLUMN class TEXT;
    -- Ten-thousandths of a euro.
    ALTER TABLE calls ADD COLUMN price INTEGER;
    ALTER TABLE calls ADD COLUMN withheld INTEGER;
    ALTER TABLE calls ADD COLUMN cause TEXT;
    ALTER TABLE calls ADD COLUMN hash BLOB;
    CREATE INDEX calls_by_start ON calls (started_ms, sequence);

    CREATE TABLE legs (
        call INTEGER NOT NULL,
        position INTEGER NOT NULL,
        side TEXT NOT NULL,
        number TEXT NOT NULL,
        account TEXT,
        trunk TEXT,
        placed INTEGER NOT NULL,
        codec TEXT,
        started_ms INTEGER NOT NULL,
        answered_ms INTEGER,
        ended_ms INTEGER NOT NULL,
        status INTEGER NOT NULL,
        PRIMARY KEY (call, position)
    ) STRICT, WITHOUT ROWID;

    -- The last record that was purged, and the last that was written.
    CREATE TABLE call_chain (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        anchor_sequence INTEGER NOT NULL,
        anchor_hash BLOB NOT NULL,
        head_sequence INTEGER NOT NULL,
        head_hash BLOB NOT NULL,
        CHECK (anchor_sequence <= head_sequence)
    ) STRICT;
";

/// Records are only added, one after the other, and only go from the front, behind the anchor. A trigger before an INSERT
/// also stops INSERT OR REPLACE, which would not ask the one before a DELETE.
const APPEND_ONLY: &str = "
    CREATE TRIGGER calls_in_order BEFORE INSERT ON calls
        WHEN new.sequence IS NOT (SELECT head_sequence + 1 FROM call_chain)
        BEGIN SELECT RAISE(ABORT, 'call records are added one after the other'); END;
    CREATE TRIGGER calls_stay BEFORE UPDATE ON calls
        BEGIN SELECT RAISE(ABORT, 'call records are never changed'); END;
    CREATE TRIGGER calls_kept BEFORE DELETE ON calls
        WHEN old.sequence > (SELECT anchor_sequence FROM call_chain)
        BEGIN SELECT RAISE(ABORT, 'call records are never removed'); END;
    CREATE TRIGGER legs_in_order BEFORE INSERT ON legs
        WHEN new.call IS NOT (SELECT head_sequence + 1 FROM call_chain)
        BEGIN SELECT RAISE(ABORT, 'legs are added with their call'); END;
    CREATE TRIGGER legs_stay BEFORE UPDATE ON legs
        BEGIN SELECT RAISE(ABORT, 'call records are never changed'); END;
    CREATE TRIGGER legs_kept BEFORE DELETE ON legs
        WHEN old.call > (SELECT anchor_sequence FROM call_chain)
        BEGIN SELECT RAISE(ABORT, 'call records are never removed'); END;
    CREATE TRIGGER chain_one BEFORE INSERT ON call_chain
        BEGIN SELECT RAISE(ABORT, 'there is one chain'); END;
    CREATE TRIGGER chain_forward BEFORE UPDATE ON call_chain
        WHEN new.head_sequence < old.head_sequence OR new.anchor_sequence < old.anchor_sequence
        BEGIN SELECT RAISE(ABORT, 'the chain only grows'); END;
    CREATE TRIGGER chain_stays BEFORE DELETE ON call_chain
        BEGIN SELECT RAISE(ABORT, 'there is one chain'); END;
";

/// Sets up a connection and brings the database to today's schema, each step whole or not at all.
pub(crate) fn prepare(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    // A file that is no database of SQLite's at all fails here.
    let foreign = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => StoreError::Foreign { path: path.to_owned() },
        _ => error.into(),
    };
    let application: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(foreign)?;
    let found: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (application != 0 || found != 0 || has_tables(connection)?) {
        return Err(StoreError::Foreign { path: path.to_owned() });
    }
    let known = version(MIGRATIONS.len());
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    migrate(connection, MIGRATIONS)
}

fn has_tables(connection: &Connection) -> Result<bool, StoreError> {
    Ok(connection.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))?)
}

/// Runs the steps that the database has not had yet.
fn migrate(connection: &mut Connection, migrations: &[Step]) -> Result<(), StoreError> {
    for (index, step) in migrations.iter().enumerate() {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Read inside the transaction: another process may have migrated in between.
        let at: u32 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if at == version(index) {
            step.take(&transaction)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", version(index + 1))?;
        }
        transaction.commit()?;
    }
    Ok(())
}

fn version(steps: usize) -> u32 {
    u32::try_from(steps).expect("there are few migrations")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Path) -> Connection {
        Connection::open(path).unwrap()
    }

    #[test]
    fn a_fresh_database_is_prepared_once_and_is_durable() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("centrale.db");
        prepare(&mut open(&path), &path).unwrap();
        let mut connection = open(&path);
        prepare(&mut connection, &path).unwrap();
        let pragma =
            |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(pragma("synchronous"), 2, "FULL");
        assert_eq!(pragma("user_version"), MIGRATIONS.len() as i64);
        let journal: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
        assert_eq!(journal, "wal");
    }

    #[test]
    fn a_database_of_a_later_version_is_refused_in_clear_words_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("centrale.db");
        prepare(&mut open(&path), &path).unwrap();
        open(&path).pragma_update(None, "user_version", 99).unwrap();
        let refused = prepare(&mut open(&path), &path).unwrap_err();
        assert!(matches!(refused, StoreError::Newer { found: 99, .. }));
        assert!(refused.to_string().contains("Install the newer version again"), "{refused}");
        let version: u32 = open(&path).query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(version, 99);
    }

    #[test]
    fn a_database_of_another_program_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("centrale.db");
        open(&path).execute_batch("CREATE TABLE theirs (x)").unwrap();
        assert!(matches!(prepare(&mut open(&path), &path), Err(StoreError::Foreign { .. })));
        std::fs::write(&path, "not a database at all, but long enough to be looked at".repeat(20)).unwrap();
        assert!(matches!(prepare(&mut open(&path), &path), Err(StoreError::Foreign { .. })));
    }

    #[test]
    fn a_migration_that_fails_leaves_the_schema_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("centrale.db");
        let mut connection = open(&path);
        let steps = [Step::of("CREATE TABLE one (x)"), Step::of("CREATE TABLE two (x); CREATE TABLE one (x)")];
        assert!(migrate(&mut connection, &steps).is_err());
        let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        let tables: u32 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
        assert_eq!((version, tables), (1, 1));
    }
    #[test]
    fn the_one_login_of_before_becomes_an_owner_with_the_same_password() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("centrale.db");
        let mut connection = open(&path);
        let before = MIGRATIONS.iter().position(|step| step.sql.contains("CREATE TABLE users")).unwrap();
        migrate(&mut connection, &MIGRATIONS[..before]).unwrap();
        connection
            .execute_batch(
                "INSERT INTO admin VALUES (1, 'the hash of before', NULL); INSERT INTO sessions VALUES (x'00', 1, 1)",
            )
            .unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        let found = connection
            .query_row("SELECT name, role, password_hash FROM users", [], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
            })
            .unwrap();
        assert_eq!(found, ("admin".into(), "owner".into(), "the hash of before".into()));
        let sessions: u32 = connection.query_row("SELECT count(*) FROM sessions", [], |row| row.get(0)).unwrap();
        assert_eq!(sessions, 0, "nobody knows from where it was begun");
    }

    #[test]
    fn a_block_of_before_goes_on_and_leaves_the_page_open_as_it_did() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("centrale.db");
        let mut connection = open(&path);
        let before =
            MIGRATIONS.iter().position(|step| step.sql.contains("ALTER TABLE blocks ADD COLUMN page")).unwrap();
        migrate(&mut connection, &MIGRATIONS[..before]).unwrap();
        connection.execute_batch("INSERT INTO blocks VALUES ('203.0.113.9', 0, 'honey-path', 5, 900)").unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        let kept = connection.query_row("SELECT source, until_ms, page FROM blocks", [], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, row.get::<_, bool>(2)?))
        });
        assert_eq!(kept.unwrap(), ("203.0.113.9".to_owned(), 900, false));
    }

    #[test]
    fn the_codes_for_a_day_without_the_app_stay_good_when_passkeys_come() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("centrale.db");
        let mut connection = open(&path);
        let before = MIGRATIONS.iter().position(|step| step.sql.contains("CREATE TABLE passkeys")).unwrap();
        migrate(&mut connection, &MIGRATIONS[..before]).unwrap();
        connection
            .execute_batch(
                "INSERT INTO users (number, name, role) VALUES (7, 'Anna', 'owner');
                 INSERT INTO factors VALUES (7, x'00', 1, 1);
                 INSERT INTO recovery_codes VALUES (7, x'01'), (7, x'02')",
            )
            .unwrap();
        migrate(&mut connection, MIGRATIONS).unwrap();
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, u32>(0)).unwrap();
        assert_eq!(count("SELECT count(*) FROM recovery_codes WHERE user = 7"), 2);
        connection.execute_batch("PRAGMA foreign_keys = ON; DELETE FROM users").unwrap();
        assert_eq!(count("SELECT count(*) FROM recovery_codes"), 0);
    }
}

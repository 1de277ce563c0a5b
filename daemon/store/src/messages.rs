//! Messages in mailboxes. What was said is encrypted and opens only in its own mailbox.

use std::sync::Arc;

use centrale_config::Voicemail;
use rusqlite::{OptionalExtension, Transaction, params};

use crate::retention::{kept, oldest};
use crate::seal::Seal;
use crate::values::{signed, unsigned};
use crate::{Store, StoreError};

/// Bytes of a millisecond of what is kept (G.711).
const BYTES_A_MS: u64 = 8;
/// Most messages that go at once because of their age: a clock that is wrong for an hour must not take them all.
const MOST_AT_ONCE: u32 = 8;

/// A message on its way in.
#[derive(Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// The internal number whose mailbox it is for.
    pub mailbox: String,
    /// Who called: internal number, E.164, or `anonymous`.
    pub from: String,
    /// Name of who called, or empty.
    pub from_name: String,
    /// Milliseconds since 1970 UTC.
    pub received_unix_ms: u64,
    /// What was said: A-law, 8000 bytes a second.
    pub voice: Vec<u8>,
}

/// A message that is kept, without what was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    /// Its number, never used again.
    pub id: u64,
    /// The internal number whose mailbox it is in.
    pub mailbox: String,
    /// Who called: internal number, E.164, or `anonymous`.
    pub from: String,
    /// Name of who called, or empty.
    pub from_name: String,
    /// Milliseconds since 1970 UTC.
    pub received_unix_ms: u64,
    /// How long it takes to hear, milliseconds.
    pub length_ms: u64,
    /// Whether its person listened to it.
    pub heard: bool,
}

impl Store {
    /// Keeps a message. When this returns, no power cut takes it away. Its number, or `None` when the mailbox, or the office,
    /// has as many as it may ([`Voicemail::MOST_MESSAGES`], [`Voicemail::MOST_IN_OFFICE`]).
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn insert_message(&self, message: &NewMessage) -> Result<Option<u64>, StoreError> {
        let NewMessage { mailbox, from, from_name, received_unix_ms, voice } = message.clone();
        let length_ms = voice.len() as u64 / BYTES_A_MS;
        let sealed = self.seal().close_bytes(&place(&mailbox, received_unix_ms), voice)?;
        self.keeper().write(move |tx| {
            let counted = "SELECT count(*), count(*) FILTER (WHERE mailbox = ?1) FROM messages";
            let (all, own): (u32, u32) = tx.query_row(counted, [&mailbox], |row| Ok((row.get(0)?, row.get(1)?)))?;
            if own >= u32::from(Voicemail::MOST_MESSAGES) || all >= u32::from(Voicemail::MOST_IN_OFFICE) {
                return Ok(None);
            }
            tx.execute(
                "INSERT INTO messages (mailbox, from_number, from_name, received_ms, length_ms, heard, voice)
                 VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)",
                params![mailbox, from, from_name, signed(received_unix_ms), signed(length_ms), sealed],
            )?;
            Ok(Some(unsigned(tx.last_insert_rowid())))
        })
    }

    /// Every message in one mailbox, the oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn messages(&self, mailbox: &str) -> Result<Vec<MessageRow>, StoreError> {
        let mailbox = mailbox.to_owned();
        self.keeper().read(move |tx| {
            let mut all = tx.prepare_cached(
                "SELECT id, mailbox, from_number, from_name, received_ms, length_ms, heard FROM messages
                 WHERE mailbox = ?1 ORDER BY id",
            )?;
            let rows = all.query_map([mailbox], |row| {
                Ok(MessageRow {
                    id: unsigned(row.get(0)?),
                    mailbox: row.get(1)?,
                    from: row.get(2)?,
                    from_name: row.get(3)?,
                    received_unix_ms: unsigned(row.get(4)?),
                    length_ms: unsigned(row.get(5)?),
                    heard: row.get(6)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Mailboxes in which there is a message, by number.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn filled_mailboxes(&self) -> Result<Vec<String>, StoreError> {
        self.keeper().read(filled)
    }

    /// What was said, A-law; `None` when that message is not in that mailbox.
    ///
    /// # Errors
    /// When the database cannot be read, or what it holds does not open.
    pub fn message_voice(&self, mailbox: &str, id: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let (mailbox, seal): (String, Arc<Seal>) = (mailbox.to_owned(), self.seal());
        self.keeper().read(move |tx| {
            let one = "SELECT received_ms, voice FROM messages WHERE id = ?1 AND mailbox = ?2";
            let found = tx.query_row(one, params![signed(id), mailbox], |row| Ok((row.get(0)?, row.get(1)?)));
            let found: Option<(i64, Vec<u8>)> = found.optional()?;
            let open = |(received_ms, sealed): (i64, Vec<u8>)| {
                let opened = seal.open_bytes(&place(&mailbox, unsigned(received_ms)), sealed);
                opened.ok_or_else(|| StoreError::Damaged(format!("message {id} does not open")))
            };
            found.map(open).transpose()
        })
    }

    /// Its person listened to a message. Whether it was there.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn mark_message_heard(&self, mailbox: &str, id: u64) -> Result<bool, StoreError> {
        self.change_message("UPDATE messages SET heard = 1 WHERE id = ?1 AND mailbox = ?2", mailbox, id)
    }

    /// Forgets a message for good. Whether it was there.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn delete_message(&self, mailbox: &str, id: u64) -> Result<bool, StoreError> {
        self.change_message("DELETE FROM messages WHERE id = ?1 AND mailbox = ?2", mailbox, id)
    }

    fn change_message(&self, sql: &'static str, mailbox: &str, id: u64) -> Result<bool, StoreError> {
        let mailbox = mailbox.to_owned();
        self.keeper().write(move |tx| Ok(tx.execute(sql, params![signed(id), mailbox])? == 1))
    }

    /// Forgets the messages of whoever is not in the office any more, and the oldest of those that are older than
    /// the office keeps them, some at a time. Mailboxes in which something went.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn tidy_messages(&self, people: &[String], now_unix_ms: u64) -> Result<Vec<String>, StoreError> {
        let people = people.to_vec();
        self.keeper().write(move |tx| {
            let now_ms = signed(now_unix_ms);
            let oldest = oldest(now_ms, kept(tx, now_ms)?.messages);
            let mut changed: Vec<String> =
                filled(tx)?.into_iter().filter(|mailbox| !people.contains(mailbox)).collect();
            for mailbox in &changed {
                tx.execute("DELETE FROM messages WHERE mailbox = ?1", [mailbox])?;
            }
            let mut aged = tx.prepare_cached(
                "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE received_ms < ?1 ORDER BY id LIMIT ?2)
                 RETURNING mailbox",
            )?;
            let gone = aged.query_map(params![oldest, MOST_AT_ONCE], |row| row.get(0))?;
            changed.extend(gone.collect::<Result<Vec<String>, _>>()?);
            changed.sort();
            changed.dedup();
            Ok(changed)
        })
    }
}

fn filled(tx: &Transaction<'_>) -> Result<Vec<String>, StoreError> {
    let mut all = tx.prepare_cached("SELECT DISTINCT mailbox FROM messages ORDER BY mailbox")?;
    let rows = all.query_map((), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What a voice is bound to.
fn place(mailbox: &str, received_unix_ms: u64) -> String {
    format!("messages/voice/{mailbox}/{received_unix_ms}")
}

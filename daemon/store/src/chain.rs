//! The chain of call records: nobody changes, removes or slips in a record without its showing.
//!
//! The hash of a record is SHA-256 over, in this order:
//! 1. the 18 bytes `centrale-calls-1` and two zero bytes;
//! 2. the 32 bytes of the hash of the record before it. Before the first that a box ever wrote they are zeros;
//! 3. every column of the record that is not NULL, in the order of `calls::COLUMNS` (`sequence` is the first), as a field:
//!    the length of the name (4 bytes, big-endian), the name, one byte for the kind (`I`, `R`, `T`, `B`), the length of the
//!    value (4 bytes, big-endian), the value: an integer as 8 bytes, big-endian, two's complement; a real number as the 8
//!    bytes of its IEEE 754 form, big-endian; a text as UTF-8; a blob as it is;
//! 4. for each leg, by its position, a field named `leg` of kind `L` whose value is made like 3, of `legs::COLUMNS`.
//!
//! Lengths stand before what they measure, so no two records have the same bytes. A column that is NULL is not there, so a
//! column that a later version adds changes no old hash.
//!
//! `call_chain` holds the head, the last record, so that records missing at the end show too; and the anchor, the last record
//! that was purged, from which on the rest verifies. Triggers refuse UPDATE, and DELETE beyond the anchor, to whoever uses
//! SQL. Who writes into the file and computes every hash anew cannot be seen from inside: for that, note the head elsewhere.
//! It stands in every export, and [`Store::verify_calls`] looks for it.

use std::fmt;
use std::str::FromStr;

use ring::digest::{Context, SHA256};
use rusqlite::types::{FromSqlError, Type, Value, ValueRef};
use rusqlite::{Row, Transaction, params_from_iter};

use crate::values::unsigned;
use crate::{Store, StoreError, calls, legs};

/// A table whose rows are chained, and the table with the ends of its chain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chained {
    /// What every hash begins with.
    pub(crate) domain: &'static [u8; 18],
    pub(crate) table: &'static str,
    pub(crate) chain: &'static str,
    /// What is hashed of a row, in this order. The first is its number, the second its id or what was done.
    pub(crate) columns: &'static [&'static str],
}

/// The chain of call records.
pub(crate) const CALLS: Chained =
    Chained { domain: b"centrale-calls-1\0\0", table: "calls", chain: "call_chain", columns: &calls::COLUMNS };

/// How many columns a record had when the chain began.
const COLUMNS_THEN: usize = 35;

/// The hash of a call record and of all before it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ChainHash([u8; 32]);

/// A text that is no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hash has 64 hexadecimal digits")]
pub struct NoHash;

impl ChainHash {
    /// Before the first record.
    const NONE: Self = Self([0; 32]);

    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn from_column(value: ValueRef<'_>) -> rusqlite::Result<Self> {
        let bytes = value.as_blob().ok().and_then(|bytes| bytes.try_into().ok());
        let wrong = || rusqlite::Error::FromSqlConversionFailure(0, Type::Blob, Box::new(FromSqlError::InvalidType));
        bytes.map(Self).ok_or_else(wrong)
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for ChainHash {
    type Err = NoHash;

    fn from_str(text: &str) -> Result<Self, NoHash> {
        let digits = text.as_bytes();
        let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return Err(NoHash);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0]).ok_or(NoHash)? * 16 + digit(pair[1]).ok_or(NoHash)?;
        }
        Ok(Self(bytes))
    }
}

/// A record's place in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainHead {
    /// The number of the last record, 0 before the first.
    pub sequence: i64,
    /// Its hash.
    pub hash: ChainHash,
}

/// A chain without a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// The number of the oldest record that is kept; one more than `last` when there is none.
    pub first: u64,
    /// The number of the newest one.
    pub last: u64,
    /// The hash of the newest one.
    pub head: ChainHash,
}

/// The first thing that is wrong with the chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// A record, or a leg of a call in it, is not what was written.
    #[error("record {sequence} ({id}) was changed")]
    Changed {
        /// Its number.
        sequence: u64,
        /// The id of the call or of the incident, or what was done.
        id: String,
    },
    /// A record was taken away.
    #[error("record {sequence} is missing")]
    Missing {
        /// Its number.
        sequence: u64,
    },
    /// Something was slipped in behind the last record.
    #[error("record {sequence} was added from outside")]
    Added {
        /// The number that it was given.
        sequence: u64,
    },
    /// The chain was written anew since its head was noted, or the records from then are no longer kept.
    #[error("the noted hash is not in the chain: it was written anew, or what was noted is no longer kept")]
    NotedMissing,
}

impl Store {
    /// The last record that was written, to be noted outside of the box.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn calls_head(&self) -> Result<ChainHead, StoreError> {
        self.keeper().read(|tx| CALLS.head(tx))
    }

    /// Computes every hash anew and says what is wrong first, if anything. With `noted`, also whether a head that was noted
    /// earlier is still in the chain. Reads all records.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn verify_calls(&self, noted: Option<ChainHash>) -> Result<Result<Chain, ChainFault>, StoreError> {
        self.keeper().read(move |tx| verify(tx, noted))
    }
}

impl Chained {
    /// Adds a row after the last one: the values of all columns but the first, which is its number, and what is hashed with
    /// them. Its number and hash, to which the caller moves the head.
    pub(crate) fn add(
        &self,
        tx: &Transaction<'_>,
        values: Vec<Value>,
        legs: &[Vec<Value>],
    ) -> Result<(i64, ChainHash), StoreError> {
        let head = self.head(tx)?;
        let sequence = head.sequence + 1;
        let mut values: Vec<Value> = std::iter::once(sequence.into()).chain(values).collect();
        let hash = self.hash(&head.hash, &values, legs);
        values.push(Value::Blob(hash.as_bytes().to_vec()));
        let marks = vec!["?"; values.len()].join(", ");
        let insert = format!("INSERT INTO {} ({}, hash) VALUES ({marks})", self.table, self.columns.join(", "));
        tx.prepare_cached(&insert)?.execute(params_from_iter(values))?;
        Ok((sequence, hash))
    }

    /// The hash of a row with the values of the first columns, and legs, after a row with that hash.
    fn hash(&self, before: &ChainHash, values: &[Value], legs: &[Vec<Value>]) -> ChainHash {
        let mut context = Context::new(&SHA256);
        context.update(self.domain);
        context.update(&before.0);
        let mut bytes = Vec::with_capacity(1024);
        write_fields(&mut bytes, self.columns, values);
        for leg in legs {
            let mut nested = Vec::with_capacity(256);
            write_fields(&mut nested, &legs::COLUMNS, leg);
            write_field(&mut bytes, "leg", b'L', &nested);
        }
        context.update(&bytes);
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        ChainHash(hash)
    }

    /// The last row.
    pub(crate) fn head(&self, tx: &Transaction<'_>) -> Result<ChainHead, StoreError> {
        self.place(tx, "head")
    }

    fn place(&self, tx: &Transaction<'_>, which: &str) -> Result<ChainHead, StoreError> {
        let select = format!("SELECT {which}_sequence, {which}_hash FROM {}", self.chain);
        let place =
            |row: &Row<'_>| Ok(ChainHead { sequence: row.get(0)?, hash: ChainHash::from_column(row.get_ref(1)?)? });
        Ok(tx.query_row(&select, [], place)?)
    }

    pub(crate) fn move_head(&self, tx: &Transaction<'_>, sequence: i64, hash: &ChainHash) -> Result<(), StoreError> {
        let sql = format!("UPDATE {} SET head_sequence = ?1, head_hash = ?2", self.chain);
        tx.execute(&sql, (sequence, hash.as_bytes()))?;
        Ok(())
    }

    pub(crate) fn move_anchor(&self, tx: &Transaction<'_>, sequence: i64, hash: &[u8]) -> Result<(), StoreError> {
        let sql = format!("UPDATE {} SET anchor_sequence = ?1, anchor_hash = ?2", self.chain);
        tx.execute(&sql, (sequence, hash))?;
        Ok(())
    }

    /// Computes every hash anew; `legs` gives what is hashed with the row of a number.
    pub(crate) fn verify(
        &self,
        tx: &Transaction<'_>,
        noted: Option<ChainHash>,
        legs: impl Fn(i64) -> Result<Vec<Vec<Value>>, StoreError>,
    ) -> Result<Result<Chain, ChainFault>, StoreError> {
        let (anchor, head) = (self.place(tx, "anchor")?, self.place(tx, "head")?);
        let (mut last, mut before) = (anchor.sequence, anchor.hash);
        let mut found = noted.is_none_or(|noted| noted == before);
        let mut rows =
            tx.prepare(&format!("SELECT {}, hash FROM {} ORDER BY sequence", self.columns.join(", "), self.table))?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let sequence: i64 = row.get(0)?;
            if sequence > head.sequence {
                return Ok(Err(ChainFault::Added { sequence: unsigned(sequence) }));
            }
            if sequence != last + 1 {
                return Ok(Err(ChainFault::Missing { sequence: unsigned(last + 1) }));
            }
            let values = values_in(row, self.columns.len())?;
            let hash = self.hash(&before, &values, &legs(sequence)?);
            if ChainHash::from_column(row.get_ref(values.len())?).ok() != Some(hash) {
                return Ok(Err(ChainFault::Changed { sequence: unsigned(sequence), id: row.get(1)? }));
            }
            (last, before) = (sequence, hash);
            found |= noted == Some(before);
        }
        if last < head.sequence || before != head.hash {
            return Ok(Err(ChainFault::Missing { sequence: unsigned(last + 1) }));
        }
        if !found {
            return Ok(Err(ChainFault::NotedMissing));
        }
        Ok(Ok(Chain { first: unsigned(anchor.sequence + 1), last: unsigned(last), head: before }))
    }
}

fn write_fields(bytes: &mut Vec<u8>, columns: &[&str], values: &[Value]) {
    for (name, value) in columns.iter().zip(values) {
        match value {
            Value::Null => {}
            Value::Integer(number) => write_field(bytes, name, b'I', &number.to_be_bytes()),
            Value::Real(number) => write_field(bytes, name, b'R', &number.to_bits().to_be_bytes()),
            Value::Text(text) => write_field(bytes, name, b'T', text.as_bytes()),
            Value::Blob(blob) => write_field(bytes, name, b'B', blob),
        }
    }
}

fn write_field(bytes: &mut Vec<u8>, name: &str, kind: u8, value: &[u8]) {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
    bytes.extend(length(name.as_bytes()));
    bytes.extend(name.as_bytes());
    bytes.push(kind);
    bytes.extend(length(value));
    bytes.extend(value);
}

/// Chains the records that were written before there was a chain. The table may not refuse changes yet.
pub(crate) fn chain_old_records(tx: &Transaction<'_>) -> Result<(), StoreError> {
    let first: Option<i64> = tx.query_row("SELECT min(sequence) FROM calls", [], |row| row.get(0))?;
    let purged = first.map_or(0, |first| first - 1);
    let (mut last, mut before) = (purged, ChainHash::NONE);
    // Columns of later steps are not there yet; they will be NULL, and are not hashed then.
    let columns = &calls::COLUMNS[..COLUMNS_THEN];
    let mut rows = tx.prepare(&format!("SELECT {} FROM calls ORDER BY sequence", columns.join(", ")))?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let values = values_in(row, columns.len())?;
        before = CALLS.hash(&before, &values, &[]);
        last = row.get(0)?;
        tx.execute("UPDATE calls SET hash = ?2 WHERE sequence = ?1", (last, before.as_bytes()))?;
    }
    let (none, before) = (ChainHash::NONE, before.as_bytes());
    tx.execute("INSERT INTO call_chain VALUES (1, ?1, ?2, ?3, ?4)", (purged, none.as_bytes(), last, before))?;
    Ok(())
}

fn values_in(row: &Row<'_>, columns: usize) -> rusqlite::Result<Vec<Value>> {
    (0..columns).map(|column| row.get(column)).collect()
}

fn verify(tx: &Transaction<'_>, noted: Option<ChainHash>) -> Result<Result<Chain, ChainFault>, StoreError> {
    let chain = match CALLS.verify(tx, noted, |sequence| legs::values_of(tx, sequence))? {
        Err(fault) if fault != ChainFault::NotedMissing => return Ok(Err(fault)),
        chain => chain,
    };
    let stray = "SELECT min(call) FROM legs WHERE call NOT IN (SELECT sequence FROM calls)";
    if let Some(call) = tx.query_row(stray, [], |row| row.get::<_, Option<i64>>(0))? {
        return Ok(Err(ChainFault::Added { sequence: unsigned(call) }));
    }
    Ok(chain)
}

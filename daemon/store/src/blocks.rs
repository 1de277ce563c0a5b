//! Blocks of addresses, so that a restart forgets none and a person sees them.

use std::net::IpAddr;

use rusqlite::{Transaction, params};

use crate::values::{signed, unsigned};
use crate::{Store, StoreError};

/// Blocks that are kept; of more, those that end last.
pub const BLOCKS_KEPT: usize = 1_000;

/// A block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockRow {
    /// Whose packets.
    pub source: IpAddr,
    /// Only those from this port; all when `None`.
    pub port: Option<u16>,
    /// Why, as a stable word.
    pub reason: String,
    /// The page is not reached from there either.
    pub page: bool,
    /// Since when, in milliseconds since 1970 in UTC.
    pub since_unix_ms: u64,
    /// Until when, likewise.
    pub until_unix_ms: u64,
}

/// What became of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockChange {
    /// It began, or was made longer.
    Blocked(BlockRow),
    /// Every block of that address is over.
    Lifted(IpAddr),
    /// Every block of a single port is over, of whichever address.
    PortsLifted,
}

impl Store {
    /// Keeps what became of blocks, in that order, and forgets those that are over by `now_unix_ms`. A block that goes on while
    /// it is made again began when it first did, and is not made shorter.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn change_blocks(&self, now_unix_ms: u64, changes: &[BlockChange]) -> Result<(), StoreError> {
        let changes = changes.to_vec();
        self.keeper().write(move |tx| {
            for change in &changes {
                match change {
                    BlockChange::Blocked(row) => keep(tx, row)?,
                    BlockChange::Lifted(source) => {
                        tx.execute("DELETE FROM blocks WHERE source = ?1", [source.to_string()])?;
                    }
                    BlockChange::PortsLifted => {
                        tx.execute("DELETE FROM blocks WHERE port <> 0", [])?;
                    }
                }
            }
            tx.execute("DELETE FROM blocks WHERE until_ms <= ?1", [signed(now_unix_ms)])?;
            tx.execute(
                "DELETE FROM blocks WHERE (source, port) IN
                    (SELECT source, port FROM blocks ORDER BY until_ms DESC LIMIT -1 OFFSET ?1)",
                [signed(BLOCKS_KEPT as u64)],
            )?;
            Ok(())
        })
    }

    /// The blocks that are in force, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn blocks(&self, now_unix_ms: u64) -> Result<Vec<BlockRow>, StoreError> {
        self.keeper().read(move |tx| {
            let mut all = tx.prepare_cached(
                "SELECT source, port, reason, since_ms, until_ms, page FROM blocks WHERE until_ms > ?1
                    ORDER BY since_ms DESC, source, port",
            )?;
            let rows = all.query_map([signed(now_unix_ms)], |row| {
                let (source, port): (String, u16) = (row.get(0)?, row.get(1)?);
                let (since, until) = (unsigned(row.get(3)?), unsigned(row.get(4)?));
                Ok((source, port, row.get(2)?, (since, until), row.get(5)?))
            })?;
            let mut blocks = Vec::new();
            for row in rows {
                let (source, port, reason, (since_unix_ms, until_unix_ms), page) = row?;
                // Only addresses were ever written.
                let Ok(source) = source.parse() else { continue };
                let port = (port != 0).then_some(port);
                blocks.push(BlockRow { source, port, reason, page, since_unix_ms, until_unix_ms });
            }
            Ok(blocks)
        })
    }
}

fn keep(tx: &Transaction<'_>, row: &BlockRow) -> Result<(), StoreError> {
    let mut put = tx.prepare_cached(
        "INSERT INTO blocks (source, port, reason, since_ms, until_ms, page) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT DO UPDATE SET until_ms = MAX(until_ms, ?5),
                reason = CASE WHEN until_ms > ?5 THEN reason ELSE ?3 END,
                page = CASE WHEN until_ms > ?5 THEN page ELSE ?6 END,
                since_ms = CASE WHEN until_ms >= ?4 THEN since_ms ELSE ?4 END",
    )?;
    let BlockRow { source, port, reason, page, since_unix_ms, until_unix_ms } = row;
    put.execute(params![
        source.to_string(),
        port.unwrap_or_default(),
        reason,
        signed(*since_unix_ms),
        signed(*until_unix_ms),
        page
    ])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(source: &str, port: Option<u16>, since: u64, until: u64) -> BlockRow {
        let source = source.parse().unwrap();
        let page = port.is_none();
        BlockRow { source, port, reason: "scanner".into(), page, since_unix_ms: since, until_unix_ms: until }
    }

    #[test]
    fn a_block_outlives_a_restart_until_it_is_over_or_lifted() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (short, long) = (block("203.0.113.9", None, 100, 200), block("2001:db8::9", Some(5060), 150, 900));
        store.change_blocks(150, &[short.clone(), long.clone()].map(BlockChange::Blocked)).unwrap();
        store.close();
        let store = Store::open(folder.path()).unwrap();
        assert_eq!(store.blocks(150).unwrap(), [long.clone(), short]);
        assert_eq!(store.blocks(200).unwrap(), std::slice::from_ref(&long));
        store.change_blocks(300, &[BlockChange::Lifted(long.source)]).unwrap();
        assert!(store.blocks(0).unwrap().is_empty());
    }

    #[test]
    fn a_block_that_is_made_longer_began_when_it_first_did() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let again = |since, until| BlockChange::Blocked(block("203.0.113.9", None, since, until));
        store.change_blocks(0, &[again(100, 200), again(200, 900)]).unwrap();
        assert_eq!(store.blocks(0).unwrap(), [block("203.0.113.9", None, 100, 900)]);
        store.change_blocks(0, &[again(901, 950)]).unwrap();
        assert_eq!(store.blocks(0).unwrap(), [block("203.0.113.9", None, 901, 950)]);
    }

    #[test]
    fn a_shorter_block_that_comes_later_ends_no_longer_one_and_opens_no_page() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let long = block("203.0.113.9", None, 100, 900);
        let later = BlockRow { reason: "guessing".into(), page: false, ..block("203.0.113.9", None, 200, 300) };
        store.change_blocks(0, &[long.clone(), later].map(BlockChange::Blocked)).unwrap();
        assert_eq!(store.blocks(0).unwrap(), [long]);
    }

    #[test]
    fn of_too_many_blocks_those_stay_that_end_last() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let many = u32::try_from(BLOCKS_KEPT).unwrap() + 10;
        let one = |number: u32| {
            let source = std::net::Ipv4Addr::from_bits(0x0b00_0000 + number).to_string();
            BlockChange::Blocked(block(&source, None, 1, 1_000 + u64::from(number)))
        };
        store.change_blocks(1, &(0..many).map(one).collect::<Vec<_>>()).unwrap();
        let kept = store.blocks(1).unwrap();
        assert_eq!((kept.len(), kept.iter().map(|row| row.until_unix_ms).min()), (BLOCKS_KEPT, Some(1_010)));
    }
}

//! Blocks on their way into the store, and back out of it at the start.

use std::net::IpAddr;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use centrale_call_control::{Firewall, KeptBlock};
use centrale_guard::knock::Reason;
use centrale_store::{BLOCKS_KEPT, BlockChange, BlockRow, Store, StoreError};

use crate::disk_thread::{self, Over};

/// Batches that may wait for a disk that is busy.
const WAITING: usize = 8;

/// What became of blocks since the last batch. A flood of made-up senders costs the disk one batch a second, of bounded length.
#[derive(Debug)]
pub(crate) struct BlockBook {
    changes: Vec<BlockChange>,
    store: SyncSender<Vec<BlockChange>>,
}

impl BlockBook {
    /// With a thread of its own for the disk, and what is woken when the last is written.
    pub(crate) fn start(store: Store) -> std::io::Result<(Self, Over)> {
        let (sender, batches) = sync_channel::<Vec<BlockChange>>(WAITING);
        let over = disk_thread::start("blocks", move || {
            for batch in batches {
                if let Err(fault) = store.change_blocks(crate::time::unix_ms(), &batch) {
                    tracing::error!(%fault, "blocks could not be written down");
                }
            }
        })?;
        Ok((Self { changes: Vec::new(), store: sender }, over))
    }

    /// A block was made.
    pub(crate) fn note(&mut self, now_unix_ms: u64, block: &Firewall) {
        if self.changes.len() < BLOCKS_KEPT {
            let until_unix_ms = now_unix_ms.saturating_add(u64::try_from(block.lasts.as_millis()).unwrap_or(u64::MAX));
            let (source, port, reason) = (block.source, block.port, block.reason.to_owned());
            let row = BlockRow { source, port, reason, page: block.page, since_unix_ms: now_unix_ms, until_unix_ms };
            self.changes.push(BlockChange::Blocked(row));
        }
    }

    /// The blocks of an address are over: never left out, for want of room least of all.
    pub(crate) fn lifted(&mut self, source: IpAddr) {
        self.changes.push(BlockChange::Lifted(source));
    }

    /// Hands over what there is.
    pub(crate) fn hand_over(&mut self) {
        if self.changes.is_empty() {
            return;
        }
        match self.store.try_send(std::mem::take(&mut self.changes)) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(changes)) => self.changes = changes,
        }
    }
}

/// What was in force before this start and goes on: whole addresses. A port may be another sender's by now, and is forgotten.
pub(crate) fn kept(store: &Store) -> Result<Vec<KeptBlock>, StoreError> {
    let now = crate::time::unix_ms();
    store.change_blocks(now, &[BlockChange::PortsLifted])?;
    let block = |row: BlockRow| {
        let reason = Reason::of_code(&row.reason)?;
        let lasts = Duration::from_millis(row.until_unix_ms - now);
        Some(KeptBlock { source: row.source, reason, page: row.page, lasts })
    };
    Ok(store.blocks(now)?.into_iter().filter_map(block).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn block(source: &str, port: Option<u16>, reason: &'static str) -> Firewall {
        Firewall { source: source.parse().unwrap(), port, lasts: HOUR, trickles: false, page: true, reason }
    }

    #[test]
    fn whole_addresses_are_blocked_after_a_restart_and_neither_ports_nor_what_was_lifted() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (sender, batches) = sync_channel(WAITING);
        let mut book = BlockBook { changes: Vec::new(), store: sender };
        let now = crate::time::unix_ms();
        book.note(now, &block("203.0.113.9", None, "guessing"));
        book.note(now, &block("203.0.113.8", Some(5060), "guessing"));
        book.note(now, &block("203.0.113.7", None, "scanner"));
        book.lifted("203.0.113.7".parse().unwrap());
        book.note(now, &block("203.0.113.6", None, "a reason of another version"));
        book.hand_over();
        book.hand_over();
        store.change_blocks(now, &batches.try_recv().unwrap()).unwrap();
        assert!(batches.try_recv().is_err(), "nothing is handed over twice");
        let kept = kept(&store).unwrap();
        assert_eq!(kept.len(), 1, "{kept:?}");
        assert_eq!((kept[0].source, kept[0].reason), ("203.0.113.9".parse().unwrap(), Reason::Guessing));
        assert!(kept[0].page, "nor is the page reached from there");
        assert!(kept[0].lasts <= HOUR && kept[0].lasts > HOUR / 2);
        assert!(store.blocks(now).unwrap().iter().all(|row| row.port.is_none()), "what is not in force is not shown");
    }

    #[test]
    fn a_disk_that_is_busy_delays_blocks_and_neither_loses_a_lift_nor_fills_the_memory() {
        let (sender, batches) = sync_channel(1);
        let mut book = BlockBook { changes: Vec::new(), store: sender };
        for _ in 0..BLOCKS_KEPT * 3 {
            book.note(1, &block("203.0.113.9", None, "flood"));
        }
        book.hand_over();
        book.lifted("203.0.113.9".parse().unwrap());
        book.hand_over();
        assert_eq!(batches.try_recv().unwrap().len(), BLOCKS_KEPT);
        book.hand_over();
        assert_eq!(batches.try_recv().unwrap(), [BlockChange::Lifted("203.0.113.9".parse().unwrap())]);
    }

    #[test]
    fn what_was_handed_over_is_written_before_the_store_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (mut book, over) = BlockBook::start(store.clone()).unwrap();
        let now = crate::time::unix_ms();
        for host in 0..WAITING {
            book.note(now, &block(&format!("203.0.113.{host}"), None, "guessing"));
            book.hand_over();
        }
        drop(book);
        over.blocking_recv().unwrap();
        store.close();
        assert_eq!(kept(&Store::open(folder.path()).unwrap()).unwrap().len(), WAITING);
    }
}

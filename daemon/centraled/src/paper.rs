//! What must survive, on its way into the store: what is spent, calls that last, records. One thread of its own, because the
//! disk is slower than the exchange and must not hang it; what cannot be written is kept and tried again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use centrale_call_control::CallRecord;
use centrale_guard::Kept;
use centrale_store::{CallRow, SpentRow, Store, StoreError};

use crate::disk_thread::{self, Over};
use crate::records;

/// How soon it is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// A disk that has had something to write for so long, and says nothing, does not write.
const PATIENCE: Duration = Duration::from_secs(10);
/// Records that wait at most. Beyond it the oldest are left out: a broken disk must not eat the memory.
const MOST_WAITING: usize = 5_000;

/// Something to be written down.
#[derive(Debug)]
pub(crate) enum Note {
    /// What is spent.
    Spent(Vec<Kept>),
    /// Calls that last, as they are now.
    InProgress(Vec<CallRecord>),
    /// A call that is over.
    Record(Box<CallRecord>),
}

/// How far the thread is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    /// How many notes it has had.
    notes: u64,
    /// Whether everything in them is on the disk.
    written: bool,
}

/// What can be written to: the store, or in a test one that fails.
pub(crate) trait Disk {
    fn spend(&self, rows: &[SpentRow]) -> Result<(), StoreError>;
    fn keep_open(&self, rows: &[CallRow]) -> Result<(), StoreError>;
    fn record(&self, row: &CallRow) -> Result<(), StoreError>;
}

impl Disk for Store {
    fn spend(&self, rows: &[SpentRow]) -> Result<(), StoreError> {
        self.keep_spent(rows)
    }

    fn keep_open(&self, rows: &[CallRow]) -> Result<(), StoreError> {
        self.keep_open_calls(rows)
    }

    fn record(&self, row: &CallRow) -> Result<(), StoreError> {
        self.insert_call(row)
    }
}

/// Writes notes in the order in which they come. `logged` is told each record that is safe, `said` how far it is. With
/// the way in comes what is woken when everything was tried and nobody can send any more.
pub(crate) fn start(
    store: Store,
    logged: impl Fn(&CallRow) + Send + 'static,
    said: impl Fn(Progress) + Send + 'static,
) -> std::io::Result<(mpsc::Sender<Note>, Over)> {
    let (sender, notes) = mpsc::channel::<Note>();
    let over = disk_thread::start("paper", move || write(&store, &notes, &logged, &said))?;
    Ok((sender, over))
}

fn write(disk: &impl Disk, notes: &mpsc::Receiver<Note>, logged: &impl Fn(&CallRow), said: &impl Fn(Progress)) {
    let (mut pile, mut taken, mut was_written) = (Pile::default(), 0, true);
    loop {
        let over = Err(RecvTimeoutError::Disconnected);
        let first = if pile.is_empty() { notes.recv().or(over) } else { notes.recv_timeout(AGAIN) };
        let is_over = matches!(first, Err(RecvTimeoutError::Disconnected));
        for note in first.into_iter().chain(notes.try_iter()) {
            taken += 1;
            pile.put(note);
        }
        let written = pile.write(disk, logged);
        if let Some(fault) = written.as_ref().err().filter(|_| was_written) {
            tracing::error!(%fault, "what was spent and called could not be written down; it is tried again");
        }
        was_written = written.is_ok();
        said(Progress { notes: taken, written: was_written });
        if is_over {
            return;
        }
    }
}

/// What is not on the disk yet. Of what takes an earlier one's place, only the last.
#[derive(Debug, Default)]
struct Pile {
    spent: BTreeMap<String, SpentRow>,
    open: BTreeMap<String, CallRow>,
    records: VecDeque<CallRow>,
}

impl Pile {
    fn is_empty(&self) -> bool {
        self.spent.is_empty() && self.open.is_empty() && self.records.is_empty()
    }

    fn put(&mut self, note: Note) {
        match note {
            Note::Spent(lines) => {
                let row = |Kept { name, window, amount }| SpentRow { name, window, amount };
                self.spent.extend(lines.into_iter().map(row).map(|row| (row.name.clone(), row)));
            }
            Note::InProgress(calls) => {
                self.open.extend(calls.into_iter().map(records::row_of).map(|row| (row.id.clone(), row)));
            }
            Note::Record(record) => {
                self.open.remove(&record.id);
                self.records.push_back(records::row_of(*record));
                if self.records.len() > MOST_WAITING {
                    let lost = self.records.pop_front();
                    tracing::error!(call = lost.map(|row| row.id), "a call could not be written down");
                }
            }
        }
    }

    /// Tries everything once. What is refused stays; a record that is refused lets those behind it go first.
    fn write(&mut self, disk: &impl Disk, logged: &impl Fn(&CallRow)) -> Result<(), StoreError> {
        let spent = self.write_spent(disk);
        let open = self.write_open(disk);
        let records = self.write_records(disk, logged);
        spent.and(open).and(records)
    }

    fn write_spent(&mut self, disk: &impl Disk) -> Result<(), StoreError> {
        if !self.spent.is_empty() {
            let rows: Vec<SpentRow> = self.spent.values().cloned().collect();
            disk.spend(&rows)?;
            self.spent.clear();
        }
        Ok(())
    }

    fn write_records(&mut self, disk: &impl Disk, logged: &impl Fn(&CallRow)) -> Result<(), StoreError> {
        while let Some(row) = self.records.pop_front() {
            if let Err(fault) = disk.record(&row) {
                self.records.push_back(row);
                return Err(fault);
            }
            logged(&row);
        }
        Ok(())
    }

    fn write_open(&mut self, disk: &impl Disk) -> Result<(), StoreError> {
        if !self.open.is_empty() {
            let rows: Vec<CallRow> = self.open.values().cloned().collect();
            disk.keep_open(&rows)?;
            self.open.clear();
        }
        Ok(())
    }
}

/// Whether what is handed to the thread gets onto the disk, as far as can be known.
#[derive(Debug)]
pub(crate) struct Paper {
    sent: u64,
    taken: u64,
    /// Since when the thread has had something of which it said nothing.
    since: Instant,
    written: bool,
}

impl Paper {
    pub(crate) const fn new(now: Instant) -> Self {
        Self { sent: 0, taken: 0, since: now, written: true }
    }

    /// A note is handed over.
    pub(crate) fn note(&mut self, now: Instant) {
        if self.sent == self.taken {
            self.since = now;
        }
        self.sent += 1;
    }

    /// The thread said how far it is.
    pub(crate) const fn hear(&mut self, now: Instant, progress: Progress) {
        (self.taken, self.written, self.since) = (progress.notes, progress.written, now);
    }

    pub(crate) fn is_written(&self, now: Instant) -> bool {
        self.written && (self.taken == self.sent || now.saturating_duration_since(self.since) < PATIENCE)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use centrale_call_control::{Cause, Outcome, view::Direction};
    use centrale_numbering::Class;
    use centrale_rtp::relay::LegQuality;

    use super::*;

    /// A disk that is full, or refuses one record for good.
    #[derive(Default)]
    struct Failing {
        full: Cell<bool>,
        refuses: &'static str,
        written: RefCell<Vec<String>>,
    }

    impl Failing {
        fn take(&self, what: String) -> Result<(), StoreError> {
            if self.full.get() || what == self.refuses {
                return Err(StoreError::DiskFull);
            }
            self.written.borrow_mut().push(what);
            Ok(())
        }
    }

    impl Disk for Failing {
        fn spend(&self, rows: &[SpentRow]) -> Result<(), StoreError> {
            rows.iter().try_for_each(|row| self.take(format!("{} {}", row.name, row.amount)))
        }

        fn keep_open(&self, rows: &[CallRow]) -> Result<(), StoreError> {
            rows.iter().try_for_each(|row| self.take(format!("{} lasts", row.id)))
        }

        fn record(&self, row: &CallRow) -> Result<(), StoreError> {
            self.take(row.id.clone())
        }
    }

    fn spent(amount: u64) -> Note {
        Note::Spent(vec![Kept { name: "day".into(), window: 1, amount }])
    }

    fn record(id: &str) -> Box<CallRecord> {
        let (now, quality) = (Instant::now(), LegQuality::default());
        Box::new(CallRecord {
            id: id.into(),
            direction: Direction::Outgoing,
            from: "201".into(),
            from_name: String::new(),
            to: "+31612345678".into(),
            class: Class::Mobile,
            price: None,
            spoofed: false,
            marks: None,
            line: None,
            withheld: false,
            answered_by: None,
            transferred_by: None,
            trunk: None,
            started: now,
            answered: Some(now),
            ended: now,
            outcome: Outcome::Answered,
            cause: Cause::CallerHungUp,
            status: 0,
            caller_quality: quality,
            callee_quality: quality,
            emergency: false,
            legs: Vec::new(),
            reason: None,
        })
    }

    #[test]
    fn nothing_is_lost_while_the_disk_is_full_and_only_the_newest_is_written_then() {
        let disk = Failing { full: Cell::new(true), ..Failing::default() };
        let mut pile = Pile::default();
        let notes = [
            spent(1),
            Note::InProgress(vec![*record("a"), *record("b")]),
            Note::Record(record("a")),
            spent(7),
            Note::Record(record("c")),
        ];
        for note in notes {
            pile.put(note);
            assert!(pile.write(&disk, &|_| panic!("nothing is safe")).is_err());
        }
        disk.full.set(false);
        let logged = RefCell::new(Vec::new());
        pile.write(&disk, &|row| logged.borrow_mut().push(row.id.clone())).unwrap();
        let mut written = disk.written.take();
        written.sort();
        assert_eq!(written, ["a", "b lasts", "c", "day 7"], "what was a call in progress is its record by now");
        assert_eq!(logged.borrow().len(), 2);
        assert!(pile.is_empty());
    }

    #[test]
    fn a_record_that_is_refused_for_good_keeps_no_other_waiting() {
        let disk = Failing { refuses: "a", ..Failing::default() };
        let mut pile = Pile::default();
        ["a", "b", "c"].into_iter().for_each(|id| pile.put(Note::Record(record(id))));
        assert!(pile.write(&disk, &|_| {}).is_err());
        assert!(pile.write(&disk, &|_| {}).is_err());
        assert_eq!(*disk.written.borrow(), ["b", "c"]);
        assert_eq!(pile.records.len(), 1);
    }

    #[test]
    fn everything_that_was_sent_is_tried_before_the_thread_ends() {
        let disk = Failing::default();
        let (sender, notes) = mpsc::channel();
        for note in [spent(1), Note::Record(record("a")), spent(2)] {
            sender.send(note).unwrap();
        }
        drop(sender);
        let said = Cell::new(0);
        write(&disk, &notes, &|_| {}, &|progress| said.set(progress.notes));
        assert_eq!((said.get(), disk.written.take()), (3, vec!["day 2".to_owned(), "a".into()]));
    }

    #[test]
    fn a_disk_that_says_no_or_says_nothing_for_ten_seconds_does_not_write() {
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        let mut paper = Paper::new(begun);
        assert!(paper.is_written(at(1_000)), "with nothing to do it need say nothing");
        paper.note(at(1_000));
        paper.note(at(1_009));
        assert!(paper.is_written(at(1_009)));
        assert!(!paper.is_written(at(1_010)));
        paper.hear(at(1_011), Progress { notes: 2, written: true });
        assert!(paper.is_written(at(2_000)));
        paper.note(at(2_000));
        paper.hear(at(2_000), Progress { notes: 3, written: false });
        assert!(!paper.is_written(at(2_000)));
        paper.hear(at(2_001), Progress { notes: 3, written: true });
        assert!(paper.is_written(at(2_001)));
    }
}

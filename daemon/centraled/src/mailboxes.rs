//! Whoever keeps the messages of mailboxes: a thread of its own between the exchange and the store, because the disk is slower
//! than the exchange. What it was asked is done in turn, and each change of a mailbox is told once it is safe. A message that
//! cannot be written is kept and tried again; the exchange, told when it waits no more, hands over no more than a few.

use std::collections::VecDeque;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use centrale_call_control::{MailboxNews, MailboxOrder, VoiceMessage, WaitingMessage};
use centrale_config::Settled;
use centrale_rtp::sound::Voice;
use centrale_store::{NewMessage, Store, StoreError};
use tokio::sync::mpsc::Sender;

use crate::disk_thread::{self, Over};
use crate::exchange_loop::Wish;
use crate::time::{Clocks, unix_ms};

/// How often what is too old is looked for.
const TIDY: Duration = Duration::from_secs(3_600);

/// How soon a message that was refused is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// What the thread is asked.
#[derive(Debug)]
pub(crate) enum Work {
    /// By the exchange.
    Order(MailboxOrder),
    /// Somebody else changed a mailbox.
    Changed(String),
    /// Who is in the office now, by number.
    People(Vec<String>),
}

impl Work {
    pub(crate) fn people_of(settled: &Settled) -> Self {
        Self::People(settled.office.people.iter().map(|person| person.number.to_string()).collect())
    }
}

/// Starts the thread, which tells first what there is. With the way in comes what is woken when everything was done and nobody
/// can ask any more.
pub(crate) fn start(store: Store, wishes: Sender<Wish>) -> std::io::Result<(mpsc::Sender<Work>, Over)> {
    let (sender, work) = mpsc::channel();
    let keeper = Keeper::new(store, wishes, Store::insert_message);
    let over = disk_thread::start("mailboxes", move || keeper.run(&work))?;
    Ok((sender, over))
}

/// `I` puts a message in: the store, or in a test one that fails.
struct Keeper<I> {
    store: Store,
    wishes: Sender<Wish>,
    people: Vec<String>,
    insert: I,
    /// Messages that are not on the disk yet.
    waiting: VecDeque<NewMessage>,
    was_refused: bool,
}

impl<I: Fn(&Store, &NewMessage) -> Result<Option<u64>, StoreError>> Keeper<I> {
    const fn new(store: Store, wishes: Sender<Wish>, insert: I) -> Self {
        Self { store, wishes, people: Vec::new(), insert, waiting: VecDeque::new(), was_refused: false }
    }

    fn run(mut self, work: &mpsc::Receiver<Work>) {
        let filled = self.store.filled_mailboxes();
        noted(filled).into_iter().flatten().for_each(|mailbox| self.tell(mailbox));
        loop {
            let patience = if self.waiting.is_empty() { TIDY } else { AGAIN };
            match work.recv_timeout(patience) {
                Ok(Work::Order(order)) => self.carry_out(order),
                Ok(Work::Changed(mailbox)) => self.tell(mailbox),
                Ok(Work::People(people)) => {
                    self.people = people;
                    self.tidy();
                }
                Err(RecvTimeoutError::Timeout) if self.waiting.is_empty() => self.tidy(),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.keep_waiting(),
            }
            self.keep_waiting();
        }
    }

    fn carry_out(&mut self, order: MailboxOrder) {
        match order {
            MailboxOrder::Keep(message) => self.waiting.push_back(row_of(*message)),
            MailboxOrder::Fetch { mailbox, message } => {
                let voice = noted(self.store.message_voice(&mailbox, message)).flatten().map(Voice::new);
                self.send(MailboxNews::Fetched { message, voice });
            }
            MailboxOrder::MarkHeard { mailbox, message } => {
                noted(self.store.mark_message_heard(&mailbox, message));
                self.tell(mailbox);
            }
            MailboxOrder::Delete { mailbox, message } => {
                noted(self.store.delete_message(&mailbox, message));
                self.tell(mailbox);
            }
        }
    }

    /// Tries every message once. One that is refused stays, and lets those behind it go first.
    fn keep_waiting(&mut self) {
        let mut refused = VecDeque::new();
        for message in std::mem::take(&mut self.waiting) {
            match (self.insert)(&self.store, &message) {
                Ok(number) => self.kept(message.mailbox, number),
                Err(fault) => {
                    if !std::mem::replace(&mut self.was_refused, true) {
                        tracing::error!(%fault, "a message could not be written down; it is tried again");
                    }
                    refused.push_back(message);
                }
            }
        }
        self.was_refused = !refused.is_empty();
        self.waiting = refused;
    }

    fn kept(&self, mailbox: String, number: Option<u64>) {
        if number.is_none() {
            tracing::warn!(mailbox, "a message came when the mailbox was full");
        }
        self.tell(mailbox.clone());
        self.send(MailboxNews::Kept { mailbox });
    }

    /// Whoever left took the mailbox along, and what is old goes.
    fn tidy(&self) {
        let changed = noted(self.store.tidy_messages(&self.people, unix_ms()));
        changed.into_iter().flatten().for_each(|mailbox| self.tell(mailbox));
    }

    fn tell(&self, mailbox: String) {
        let Some(rows) = noted(self.store.messages(&mailbox)) else { return };
        let messages = rows.iter().map(|row| WaitingMessage { id: row.id, heard: row.heard }).collect();
        self.send(MailboxNews::Holds { mailbox, messages });
    }

    fn send(&self, news: MailboxNews) {
        // Nobody listens only when the daemon stops.
        let _ = self.wishes.blocking_send(Wish::Mailbox(news));
    }
}

fn row_of(message: VoiceMessage) -> NewMessage {
    let VoiceMessage { mailbox, from, from_name, received, voice } = message;
    let received_unix_ms = Clocks::read().unix_ms_of(received);
    NewMessage { mailbox, from, from_name, received_unix_ms, voice: voice.codes().to_vec() }
}

/// What the store did, when it could.
fn noted<T>(done: Result<T, StoreError>) -> Option<T> {
    done.inspect_err(|fault| tracing::error!(%fault, "a mailbox could not be read or written")).ok()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Instant;

    use super::*;

    fn message() -> MailboxOrder {
        let (from, from_name, received) = ("+31612345678".into(), String::new(), Instant::now());
        let voice = Voice::new(vec![0xaa; 24_000]);
        MailboxOrder::Keep(Box::new(VoiceMessage { mailbox: "202".into(), from, from_name, received, voice }))
    }

    #[test]
    fn every_message_that_was_handed_over_is_kept_before_the_store_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (wishes, _wished) = tokio::sync::mpsc::channel(64);
        let (work, over) = start(store.clone(), wishes).unwrap();
        (0..8).for_each(|_| work.send(Work::Order(message())).unwrap());
        drop(work);
        over.blocking_recv().unwrap();
        store.close();
        assert_eq!(Store::open(folder.path()).unwrap().messages("202").unwrap().len(), 8);
    }

    #[test]
    fn a_message_that_the_disk_refuses_once_is_tried_again_and_only_then_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (wishes, mut wished) = tokio::sync::mpsc::channel(64);
        let (refused, heard_before) = (Cell::new(false), Cell::new(0));
        let wishes_left = wishes.clone();
        let insert = |store: &Store, message: &NewMessage| {
            if !refused.replace(true) {
                return Err(StoreError::DiskFull);
            }
            heard_before.set(wishes_left.max_capacity() - wishes_left.capacity());
            store.insert_message(message)
        };
        let (work, orders) = mpsc::channel();
        work.send(Work::Order(message())).unwrap();
        drop(work);
        Keeper::new(store.clone(), wishes, insert).run(&orders);
        assert_eq!(heard_before.get(), 0, "nothing is told of what is not safe");
        assert_eq!(store.messages("202").unwrap().len(), 1);
        let Wish::Mailbox(MailboxNews::Holds { messages, .. }) = wished.try_recv().unwrap() else { panic!("no news") };
        assert_eq!(messages.len(), 1);
        let Wish::Mailbox(kept) = wished.try_recv().unwrap() else { panic!("no news") };
        assert_eq!(kept, MailboxNews::Kept { mailbox: "202".into() });
    }
}

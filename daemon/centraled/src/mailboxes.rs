//! Whoever keeps the messages of mailboxes: a thread of its own between the exchange and the store, because the disk is slower
//! than the exchange. What it was asked is done in turn, and each change of a mailbox is told once it is safe.

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
    let keeper = Keeper { store, wishes, people: Vec::new() };
    let over = disk_thread::start("mailboxes", move || keeper.run(&work))?;
    Ok((sender, over))
}

struct Keeper {
    store: Store,
    wishes: Sender<Wish>,
    people: Vec<String>,
}

impl Keeper {
    fn run(mut self, work: &mpsc::Receiver<Work>) {
        let filled = self.store.filled_mailboxes();
        noted(filled).into_iter().flatten().for_each(|mailbox| self.tell(mailbox));
        loop {
            match work.recv_timeout(TIDY) {
                Ok(Work::Order(order)) => self.carry_out(order),
                Ok(Work::Changed(mailbox)) => self.tell(mailbox),
                Ok(Work::People(people)) => {
                    self.people = people;
                    self.tidy();
                }
                Err(RecvTimeoutError::Timeout) => self.tidy(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn carry_out(&self, order: MailboxOrder) {
        match order {
            MailboxOrder::Keep(message) => self.keep(*message),
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

    fn keep(&self, message: VoiceMessage) {
        let VoiceMessage { mailbox, from, from_name, received, voice } = message;
        let received_unix_ms = Clocks::read().unix_ms_of(received);
        let voice = voice.codes().to_vec();
        let message = NewMessage { mailbox, from, from_name, received_unix_ms, voice };
        if noted(self.store.insert_message(&message)) == Some(None) {
            tracing::warn!(mailbox = message.mailbox, "a message came when the mailbox was full");
        }
        self.tell(message.mailbox);
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

/// What the store did, when it could.
fn noted<T>(done: Result<T, StoreError>) -> Option<T> {
    done.inspect_err(|fault| tracing::error!(%fault, "a mailbox could not be read or written")).ok()
}

#[cfg(test)]
mod tests {
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
}

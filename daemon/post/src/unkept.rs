//! Mail that the store could not take. It waits in memory, so that a disk that fails is told of all the same.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use centrale_store::{MailRow, NewMail, WaitingMail};

/// Mails that wait at most; of more, the oldest are forgotten.
const MOST: usize = 100;
/// The number of the first: far above those of the store, because a mail's name on the way is made of its number.
const FIRST: u64 = 1 << 62;

/// Mails in memory.
#[derive(Debug)]
pub(crate) struct Unkept(Mutex<Waiting>);

#[derive(Debug)]
struct Waiting {
    mails: VecDeque<One>,
    next: u64,
}

#[derive(Debug)]
struct One {
    number: u64,
    tries: u32,
    mail: NewMail,
}

impl Default for Unkept {
    fn default() -> Self {
        Self(Mutex::new(Waiting { mails: VecDeque::new(), next: FIRST }))
    }
}

impl Unkept {
    pub(crate) fn put(&self, mails: Vec<NewMail>) {
        let mut waiting = self.lock();
        for mail in mails {
            let number = waiting.next;
            waiting.next += 1;
            waiting.mails.push_back(One { number, tries: 0, mail });
        }
        let over = waiting.mails.len().saturating_sub(MOST);
        waiting.mails.drain(..over);
    }

    /// Takes back what was to be told about something and is not due yet at `now`.
    pub(crate) fn withdraw(&self, about: &str, now: u64) {
        self.lock().mails.retain(|one| one.mail.about != about || one.mail.next_unix_ms <= now);
    }

    /// All of them, with their numbers.
    pub(crate) fn all(&self) -> (Vec<u64>, Vec<NewMail>) {
        self.lock().mails.iter().map(|one| (one.number, one.mail.clone())).unzip()
    }

    pub(crate) fn forget(&self, numbers: &[u64]) {
        self.lock().mails.retain(|one| !numbers.contains(&one.number));
    }

    /// The first that is due by `now`.
    pub(crate) fn due(&self, now: u64) -> Option<WaitingMail> {
        let waiting = self.lock();
        let One { number, tries, mail } = waiting.mails.iter().find(|one| one.mail.next_unix_ms <= now)?;
        let row = MailRow {
            number: *number,
            about: mail.about.clone(),
            stage: mail.stage,
            recipient: mail.recipient.clone(),
            made_unix_ms: mail.made_unix_ms,
            next_unix_ms: Some(mail.next_unix_ms),
            tries: *tries,
            sent_unix_ms: None,
            fault: None,
        };
        Some(WaitingMail { row, subject: mail.subject.clone(), text: mail.text.clone() })
    }

    /// One did not leave, and is tried again then.
    pub(crate) fn put_off(&self, number: u64, next_unix_ms: u64) {
        if let Some(one) = self.lock().mails.iter_mut().find(|one| one.number == number) {
            one.tries += 1;
            one.mail.next_unix_ms = next_unix_ms;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(about: &str, next_unix_ms: u64) -> NewMail {
        let (subject, text, recipient) = ("s".into(), "t".into(), "a@example.org".into());
        NewMail { about: about.into(), stage: 1, recipient, subject, text, made_unix_ms: 0, next_unix_ms }
    }

    #[test]
    fn however_many_mails_the_disk_refuses_the_last_hundred_wait_and_each_has_a_number_of_its_own() {
        let unkept = Unkept::default();
        (0..MOST as u64 + 20).for_each(|at| unkept.put(vec![mail("a", at)]));
        let (mut numbers, mails) = unkept.all();
        numbers.dedup();
        assert_eq!((numbers.len(), mails.len(), mails[0].next_unix_ms), (MOST, MOST, 20));
    }

    #[test]
    fn what_is_not_due_yet_can_be_taken_back_and_what_did_not_leave_waits_for_its_turn() {
        let unkept = Unkept::default();
        unkept.put(vec![mail("a", 1), mail("a", 9)]);
        unkept.withdraw("a", 5);
        let due = unkept.due(5).unwrap();
        unkept.put_off(due.row.number, 7);
        assert_eq!((unkept.due(6), unkept.due(7).map(|mail| mail.row.tries)), (None, Some(1)));
        unkept.forget(&[due.row.number]);
        assert_eq!(unkept.due(99), None);
    }
}

//! What is counted.

use std::sync::atomic::{AtomicU64, Ordering};

use centrale_alerts::Fault;

/// How many mails left, and how often one did not, by why.
#[derive(Debug, Default)]
pub struct Counts {
    sent: AtomicU64,
    given_up: AtomicU64,
    faults: [AtomicU64; Fault::ALL.len()],
}

impl Counts {
    pub(crate) fn sent(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn given_up(&self) {
        self.given_up.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn failed(&self, fault: Fault) {
        if let Some(place) = Fault::ALL.iter().position(|one| *one == fault) {
            self.faults[place].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Stable name, total, what is counted.
    pub fn list(&self) -> Vec<(String, u64, String)> {
        let line = |name: &str, total: &AtomicU64, help: &str| {
            (name.to_owned(), total.load(Ordering::Relaxed), help.to_owned())
        };
        let mut list = vec![
            line("mail-sent", &self.sent, "mails that left"),
            line("mail-given-up", &self.given_up, "mails that did not leave for a day"),
        ];
        let fault = |(fault, total): (&Fault, &AtomicU64)| {
            line(&format!("mail-{}", fault.word()), total, "tries at which a mail did not leave, for that reason")
        };
        list.extend(Fault::ALL.iter().zip(&self.faults).map(fault));
        list
    }
}

//! The outbox: news become mails in the store, and leave over the office's mail server (SMTP submission, RFC 6409); what cannot wait is
//! said in calls as well.
//!
//! In: news, and the office as it changes. Out: mail, calls to be made, and what becomes of it: [`Trouble`] while it does not leave, counters, rows
//! in the store. What is told, when and in which words is `alerts`' to decide; it may not decide any of it.

mod calling;
mod changes;
mod contacts;
mod counts;
mod digest;
mod outbox;
mod server;
mod unkept;

use std::sync::Arc;

use centrale_alerts::{Fault, News};
use centrale_config::Office;
use centrale_store::Store;
use tokio::sync::{Notify, mpsc, watch};

pub use calling::Line;
pub use counts::Counts;
pub use server::{TrustFault, Trusted};

/// What somebody is to know who looks after the box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Mail to somebody does not leave, or leaves again.
    Mail {
        /// To whom.
        recipient: String,
        /// Why it does not; `None` when it does, or when nobody is told there any more.
        fault: Option<Fault>,
    },
    /// What was changed cannot be read, and so is not told; or it can again.
    Changes {
        /// Whether it cannot.
        unread: bool,
    },
}

/// Who is told of it.
type Told = Arc<dyn Fn(Trouble) + Send + Sync>;

/// What the outbox is made of.
pub struct Post {
    /// Where mails wait.
    pub store: Store,
    /// The office as it is.
    pub office: watch::Receiver<Arc<Office>>,
    /// What happens.
    pub news: mpsc::Receiver<News>,
    /// Whose certificates are believed.
    pub trusted: Trusted,
    /// Who is told of trouble.
    pub told: Told,
    /// The wall clock, in milliseconds since 1970 UTC.
    pub clock: fn() -> u64,
    /// What is counted.
    pub counts: Arc<Counts>,
    /// Over which those are rung who want to be.
    pub line: Line,
}

impl Post {
    /// Takes news in and sends what is due, until dropped or nobody can tell it anything any more.
    pub async fn run(self) {
        let Self { store, office, news, trusted, told, clock, counts, line } = self;
        let due = Arc::new(Notify::new());
        let unkept = Arc::new(unkept::Unkept::default());
        let rings = Arc::new(Notify::new());
        let ways = outbox::Ways { due, unkept, rings: Arc::clone(&rings) };
        let caller = calling::Caller::new((store.clone(), office.clone(), clock), rings, line);
        let writer = outbox::Writer::new((store.clone(), office.clone(), clock), ways.clone(), Arc::clone(&told));
        let sender = outbox::Sender::new((store, office, clock), trusted, told, counts, ways);
        tokio::select! {
            () = writer.run(news) => {}
            () = sender.run() => {}
            () = caller.run() => {}
        }
    }
}

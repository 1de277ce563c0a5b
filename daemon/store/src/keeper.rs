//! The thread that owns the connection.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::thread;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::StoreError;

/// Something to do with the connection.
type Job = Box<dyn FnOnce(&mut Connection) + Send>;

enum Message {
    Do(Job),
    Close(mpsc::Sender<()>),
}

/// A handle to the thread. The connection closes when the last one is gone.
#[derive(Clone)]
pub(crate) struct Keeper {
    messages: mpsc::Sender<Message>,
}

impl Keeper {
    /// Gives the connection to a thread of its own.
    pub(crate) fn start(connection: Connection) -> Result<Self, StoreError> {
        let (messages, inbox) = mpsc::channel();
        thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || keep(connection, &inbox))
            .map_err(StoreError::io("cannot start a thread for", "the store"))?;
        Ok(Self { messages })
    }

    /// Runs `work` in one transaction and waits until it is on the disk. An error undoes it.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run(move |connection| {
            // Immediate: what is read in it is still true when it is written.
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        })
    }

    /// Runs `work` on one state of the database and waits for it.
    pub(crate) fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run(move |connection| work(&connection.transaction()?))
    }

    /// Closes the connection after what was asked before; whatever is asked later is refused.
    pub(crate) fn close(&self) {
        let (reply, closed) = mpsc::channel();
        if self.messages.send(Message::Close(reply)).is_ok() {
            // Nobody answers when another handle closed it first: then it is closed too.
            let _ = closed.recv();
        }
    }

    fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, done) = mpsc::channel();
        let job = Box::new(move |connection: &mut Connection| {
            // Who asked may have gone; the work is done all the same.
            let _ = reply.send(work(connection));
        });
        self.messages.send(Message::Do(job)).map_err(|_| StoreError::Closed)?;
        done.recv().map_err(|_| StoreError::Closed)?
    }
}

fn keep(mut connection: Connection, inbox: &mpsc::Receiver<Message>) {
    let mut closing = None;
    while let Ok(message) = inbox.recv() {
        match message {
            Message::Do(job) => {
                // A bug in one job must not take the call records of the day with it: its transaction is undone by unwinding.
                if catch_unwind(AssertUnwindSafe(|| job(&mut connection))).is_err() {
                    tracing::error!("a job of the store panicked; its transaction was undone");
                }
            }
            Message::Close(reply) => {
                closing = Some(reply);
                break;
            }
        }
    }
    if let Err((_, error)) = connection.close() {
        tracing::warn!(%error, "the database did not close cleanly; it recovers at the next start");
    }
    if let Some(reply) = closing {
        let _ = reply.send(());
    }
}

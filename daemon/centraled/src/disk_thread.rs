//! The threads that write: each ends when nobody can send it anything any more and everything that was sent is done, and the
//! store is closed only then.

use std::sync::mpsc;
use std::thread;

use centrale_store::StoreError;
use tokio::sync::oneshot;

/// What is woken when such a thread has ended.
pub(crate) type Over = oneshot::Receiver<()>;

/// Starts one.
///
/// # Errors
/// The system gives no thread.
pub(crate) fn start(name: &str, work: impl FnOnce() + Send + 'static) -> std::io::Result<Over> {
    let (ended, over) = oneshot::channel();
    thread::Builder::new().name(name.into()).spawn(move || {
        work();
        // Nobody waits when the daemon did not stop in time.
        let _ = ended.send(());
    })?;
    Ok(over)
}

/// Starts one that keeps each piece of news as it comes: a disk that is busy keeps nobody waiting. With the way in comes what is woken
/// when the last is written. `complaint` is logged with the fault of what could not be.
///
/// # Errors
/// The system gives no thread.
pub(crate) fn writer<T: Send + 'static>(
    name: &str,
    complaint: &'static str,
    mut keep: impl FnMut(T) -> Result<(), StoreError> + Send + 'static,
) -> std::io::Result<(mpsc::Sender<T>, Over)> {
    let (sender, news) = mpsc::channel();
    let over = start(name, move || {
        for one in news {
            if let Err(fault) = keep(one) {
                tracing::error!(%fault, "{complaint}");
            }
        }
    })?;
    Ok((sender, over))
}

/// Waits until all have ended.
pub(crate) async fn all_over(threads: impl IntoIterator<Item = Over>) {
    for over in threads {
        // One that panicked has ended as well.
        let _ = over.await;
    }
}

//! The threads that write: each ends when nobody can send it anything any more and everything that was sent is done, and the
//! store is closed only then.

use std::thread;

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

/// Waits until all have ended.
pub(crate) async fn all_over(threads: impl IntoIterator<Item = Over>) {
    for over in threads {
        // One that panicked has ended as well.
        let _ = over.await;
    }
}

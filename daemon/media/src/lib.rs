//! RTP sockets and the thread that relays them.
//!
//! In: [`Command`]s from the exchange, datagrams from phones and providers. Out: datagrams, and [`Event`]s: quality once a
//! second, silence, what was recorded and which keys were pressed where that is asked for, totals at the end. One epoll
//! thread, which also paces the sounds that are played and mixes conferences, is the only owner of every relay, and a packet takes no
//! lock and no memory (DECISIONS: a socket per leg, no task per stream).
//! What becomes of a packet is decided in `centrale_rtp::leg_pair`; this room only moves bytes.

mod meetings;
mod relay_thread;
mod sockets;

use centrale_rtp::relay::{Command, Event};
use nix::sys::eventfd::{EfdFlags, EventFd};
use relay_thread::{Order, RelayThread};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

/// Why the media thread could not start. The machine's fault.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The system gave no epoll instance or no event counter.
    #[error("no epoll instance or event counter: {0}")]
    Epoll(#[from] nix::Error),
    /// The system gave no thread.
    #[error("no thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// The running media thread. Dropping it closes every relay, each with its [`Event::Closed`], and waits for the thread.
#[derive(Debug)]
pub struct Media {
    orders: Sender<Order>,
    /// Written to when an order waits; epoll wakes the thread.
    wake: Arc<EventFd>,
    thread: Option<JoinHandle<()>>,
}

impl Media {
    /// Starts the thread. `on_event` runs on it: it must be quick and may not block; sending into a channel is meant.
    ///
    /// # Errors
    /// When the system gives no epoll instance or no thread.
    pub fn start(on_event: impl Fn(Event) + Send + 'static) -> Result<Self, MediaError> {
        let wake = Arc::new(EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?);
        let (orders, receiver) = channel();
        let relay_thread = RelayThread::new(Arc::clone(&wake), receiver, on_event)?;
        let thread = std::thread::Builder::new().name("media".to_owned()).spawn(move || relay_thread.run())?;
        Ok(Self { orders, wake, thread: Some(thread) })
    }

    /// Hands a command to the thread. Commands are carried out in the order they are sent.
    pub fn send(&self, command: Command) {
        self.give(Order::Command(command));
    }

    fn give(&self, order: Order) {
        if self.orders.send(order).is_err() {
            tracing::error!("the media thread has ended before its time; no call has audio");
            return;
        }
        // The counter can only be refused when it is already at its maximum, and then the thread wakes anyway.
        let _ = self.wake.write(1);
    }
}

impl Drop for Media {
    fn drop(&mut self) {
        self.give(Order::Stop);
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the media thread has panicked");
        }
    }
}

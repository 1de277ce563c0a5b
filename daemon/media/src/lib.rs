//! RTP sockets and the threads that relay them.
//!
//! In: [`Command`]s from the exchange, datagrams from phones and providers. Out: datagrams, and [`Event`]s: quality once a
//! second, silence, what was recorded and which keys were pressed where that is asked for, totals at the end. A few epoll
//! threads, which also pace the sounds that are played, each the only owner of its relays; a relay's two legs live on
//! one thread, and a packet takes no lock and no memory (DECISIONS: a socket per leg, no task per stream).
//! What becomes of a packet is decided in `centrale_rtp::leg_pair`; this room only moves bytes.

mod relay_thread;
mod sockets;

use centrale_rtp::relay::{Command, Event, RelayId};
use nix::sys::eventfd::{EfdFlags, EventFd};
use relay_thread::{Order, RelayThread};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

/// Why the media threads could not start. The machine's fault.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The system gave no epoll instance or no event counter.
    #[error("no epoll instance or event counter: {0}")]
    Epoll(#[from] nix::Error),
    /// The system gave no thread.
    #[error("no thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// The running media threads. Dropping it closes every relay, each with its [`Event::Closed`], and waits for the threads.
#[derive(Debug)]
pub struct Media {
    threads: Vec<Running>,
}

#[derive(Debug)]
struct Running {
    orders: Sender<Order>,
    /// Written to when an order waits; epoll wakes the thread.
    wake: Arc<EventFd>,
    thread: Option<JoinHandle<()>>,
}

impl Media {
    /// Starts `threads` threads (at least one; one serves some hundred calls). `on_event` runs on them: it must be quick and
    /// may not block; sending into a channel is meant.
    ///
    /// # Errors
    /// When the system gives no epoll instance or no thread.
    pub fn start(threads: usize, on_event: impl Fn(Event) + Clone + Send + 'static) -> Result<Self, MediaError> {
        let threads =
            (0..threads.max(1)).map(|number| Running::start(number, on_event.clone())).collect::<Result<_, _>>()?;
        Ok(Self { threads })
    }

    /// Hands a command to the thread of its relay. Commands of one relay are carried out in the order they are sent.
    pub fn send(&self, command: Command) {
        let RelayId(relay) = relay_of(&command);
        let thread = relay % self.threads.len() as u64;
        self.threads[thread as usize].give(Order::Command(command));
    }
}

fn relay_of(command: &Command) -> RelayId {
    match command {
        Command::Open { relay, .. }
        | Command::Change { relay, .. }
        | Command::Play { relay, .. }
        | Command::Stop { relay, .. }
        | Command::CloseSide { relay, .. }
        | Command::PlayBack { relay, .. }
        | Command::Record { relay, .. }
        | Command::TakeKeys { relay, .. }
        | Command::LeaveKeys { relay, .. }
        | Command::Press { relay, .. }
        | Command::Close { relay } => *relay,
    }
}

impl Running {
    fn start(number: usize, on_event: impl Fn(Event) + Send + 'static) -> Result<Self, MediaError> {
        let wake = Arc::new(EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?);
        let (orders, receiver) = channel();
        let relay_thread = RelayThread::new(Arc::clone(&wake), receiver, on_event)?;
        let name = format!("media-{number}");
        let thread = std::thread::Builder::new().name(name).spawn(move || relay_thread.run())?;
        Ok(Self { orders, wake, thread: Some(thread) })
    }

    fn give(&self, order: Order) {
        if self.orders.send(order).is_err() {
            tracing::error!("a media thread has ended before its time; its calls have no audio");
            return;
        }
        // The counter can only be refused when it is already at its maximum, and then the thread wakes anyway.
        let _ = self.wake.write(1);
    }
}

impl Drop for Media {
    fn drop(&mut self) {
        for running in &self.threads {
            running.give(Order::Stop);
        }
        for running in &mut self.threads {
            if running.thread.take().is_some_and(|thread| thread.join().is_err()) {
                tracing::error!("a media thread has panicked");
            }
        }
    }
}

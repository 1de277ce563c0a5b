//! One TCP or TLS connection: a reader that cuts messages out of the stream, and a writer with a bounded queue.

use std::time::Duration;

use bytes::Bytes;
use centrale_sip::flow::Flow;
use centrale_sip::message::{Frame, StreamFramer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::mpsc;

use crate::counters::{Counters, count};
use crate::net::NetEvent;

/// A message that has begun must be whole within this time, however slowly it trickles.
const MESSAGE_TIME: Duration = Duration::from_secs(20);
/// A connection on which nothing comes for this long is closed. Phones refresh or send keep-alives well within it.
const IDLE_TIME: Duration = Duration::from_secs(7200);
/// A peer that does not take a message for this long is gone.
const WRITE_TIME: Duration = Duration::from_secs(20);
/// Messages that may wait for a peer that reads slowly.
pub(crate) const QUEUE: usize = 128;

/// Runs a connection until either side ends it. Always tells [`NetEvent::FlowClosed`] at the end.
pub(crate) async fn run<S>(
    stream: S,
    flow: Flow,
    (pongs, queue): (mpsc::WeakSender<Bytes>, mpsc::Receiver<Bytes>),
    events: &mpsc::Sender<NetEvent>,
    counters: &Counters,
) where
    S: AsyncRead + AsyncWrite + Send,
{
    let (reader, writer) = tokio::io::split(stream);
    tokio::select! {
        () = read(reader, flow, events, &pongs, counters) => {}
        () = write(writer, queue, counters) => {}
    }
    // The receiver is gone only when the daemon stops.
    let _ = events.send(NetEvent::FlowClosed(flow.id)).await;
}

async fn read<S: AsyncRead>(
    mut reader: ReadHalf<S>,
    flow: Flow,
    events: &mpsc::Sender<NetEvent>,
    pongs: &mpsc::WeakSender<Bytes>,
    counters: &Counters,
) {
    let mut framer = StreamFramer::default();
    let mut buffer = vec![0u8; 8192];
    let mut deadline = None;
    loop {
        let until = deadline.unwrap_or_else(|| tokio::time::Instant::now() + IDLE_TIME);
        let length = match tokio::time::timeout_at(until, reader.read(&mut buffer)).await {
            Ok(Ok(length)) if length > 0 => length,
            Ok(_) => return,
            Err(_) => return count(&counters.slow_connections),
        };
        framer.push(&buffer[..length]);
        loop {
            match framer.next_frame() {
                Ok(Some(Frame::Message(bytes))) => {
                    deadline = None;
                    if events.send(NetEvent::Packet { flow, bytes }).await.is_err() {
                        return;
                    }
                }
                Ok(Some(Frame::Ping)) => drop(pongs.upgrade().map(|queue| queue.try_send(Bytes::from_static(b"\r\n")))),
                Ok(None) => break,
                Err(_) => return count(&counters.unframed_streams),
            }
        }
        deadline = match framer.pending() {
            0 => None,
            _ => Some(deadline.unwrap_or_else(|| tokio::time::Instant::now() + MESSAGE_TIME)),
        };
    }
}

async fn write<S: AsyncWrite>(mut writer: WriteHalf<S>, mut queue: mpsc::Receiver<Bytes>, counters: &Counters) {
    while let Some(bytes) = queue.recv().await {
        let whole = async {
            writer.write_all(&bytes).await?;
            writer.flush().await
        };
        match tokio::time::timeout(WRITE_TIME, whole).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return,
            Err(_) => return count(&counters.stuck_connections),
        }
    }
}

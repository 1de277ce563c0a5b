//! One TCP or TLS connection: a reader that cuts messages out of the stream, and a writer with a bounded queue.

use std::time::Duration;

use bytes::Bytes;
use centrale_sip::flow::Flow;
use centrale_sip::message::{Frame, StreamFramer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::counters::{Counters, count};
use crate::net::NetEvent;

/// A message that has begun must be whole within this time, however slowly it trickles.
const MESSAGE_TIME: Duration = Duration::from_secs(10);
/// Who connects, and is not known, must say something whole within this time. With a TLS handshake as long before it, whoever
/// only holds a connection is gone after ten seconds.
const FIRST_TIME: Duration = Duration::from_secs(5);
/// Who is still not known may say nothing whole for this long.
const STRANGER_TIME: Duration = Duration::from_secs(30);
/// A connection on which nothing comes for this long is closed. Phones refresh or send keep-alives well within it.
const IDLE_TIME: Duration = Duration::from_secs(7200);
/// A peer that does not take a message for this long is gone.
const WRITE_TIME: Duration = Duration::from_secs(20);
/// Between the two segments of a message that is cut (reference, section 10: 40 ms).
const BETWEEN_SEGMENTS: Duration = Duration::from_millis(40);
/// Messages that may wait for a peer that reads slowly.
pub(crate) const QUEUE: usize = 128;

/// What a connection meets outside.
pub(crate) struct Surroundings<'a> {
    /// Whether a provider or a phone was found where it leads, or the exchange needs it.
    pub(crate) is_known: &'a (dyn Fn() -> bool + Sync),
    pub(crate) events: &'a mpsc::Sender<NetEvent>,
    pub(crate) counters: &'a Counters,
    /// Whether each message leaves in two segments.
    pub(crate) is_split: bool,
}

/// Runs a connection until either side ends it. Always tells [`NetEvent::FlowClosed`] at the end.
pub(crate) async fn run<S>(
    stream: S,
    flow: Flow,
    (pongs, queue): (mpsc::WeakSender<Bytes>, mpsc::Receiver<Bytes>),
    around: &Surroundings<'_>,
) where
    S: AsyncRead + AsyncWrite + Send,
{
    let Surroundings { events, .. } = around;
    let (reader, writer) = tokio::io::split(stream);
    tokio::select! {
        () = read(reader, flow, around, &pongs) => {}
        () = write(writer, queue, around) => {}
    }
    // The receiver is gone only when the daemon stops.
    let _ = events.send(NetEvent::FlowClosed(flow.id)).await;
}

/// How long the other end may still keep us waiting.
struct Patience {
    /// When the last whole message came, or the connection began.
    heard: Instant,
    /// When anything came.
    stirred: Instant,
    /// Nothing whole came yet.
    is_first: bool,
    /// When the message began that is not whole yet.
    began: Option<Instant>,
}

impl Patience {
    fn new() -> Self {
        let now = Instant::now();
        Self { heard: now, stirred: now, is_first: true, began: None }
    }

    fn heard(&mut self) {
        *self = Self { is_first: false, ..Self::new() };
    }

    /// A keep-alive keeps nobody's connection open who is not known.
    fn ends(&self, is_known: bool) -> Instant {
        let idle = match (is_known, self.is_first) {
            (true, _) => self.stirred + IDLE_TIME,
            (false, true) => self.heard + FIRST_TIME,
            (false, false) => self.heard + STRANGER_TIME,
        };
        self.began.map_or(idle, |began| idle.min(began + MESSAGE_TIME))
    }
}

async fn read<S: AsyncRead>(
    mut reader: ReadHalf<S>,
    flow: Flow,
    Surroundings { is_known, events, counters, .. }: &Surroundings<'_>,
    pongs: &mpsc::WeakSender<Bytes>,
) {
    let mut framer = StreamFramer::default();
    let mut buffer = vec![0u8; 8192];
    let mut patience = Patience::new();
    loop {
        let length = match tokio::time::timeout_at(patience.ends(is_known()), reader.read(&mut buffer)).await {
            Ok(Ok(length)) if length > 0 => length,
            Ok(_) if framer.is_within_message() => return count(&counters.torn_streams),
            Ok(_) => return,
            // It may have become known while we waited.
            Err(_) if patience.ends(is_known()) > Instant::now() => continue,
            Err(_) => return count(&counters.slow_connections),
        };
        patience.stirred = Instant::now();
        framer.push(&buffer[..length]);
        loop {
            match framer.next_frame() {
                Ok(Some(Frame::Message(bytes))) => {
                    patience.heard();
                    if events.send(NetEvent::Packet { flow, bytes }).await.is_err() {
                        return;
                    }
                }
                Ok(Some(Frame::Ping)) => drop(pongs.upgrade().map(|queue| queue.try_send(Bytes::from_static(b"\r\n")))),
                Ok(None) => break,
                Err(_) => return count(&counters.unframed_streams),
            }
        }
        let began = framer.is_within_message().then(|| patience.began.unwrap_or_else(Instant::now));
        patience.began = began;
    }
}

async fn write<S: AsyncWrite>(
    mut writer: WriteHalf<S>,
    mut queue: mpsc::Receiver<Bytes>,
    Surroundings { counters, is_split, .. }: &Surroundings<'_>,
) {
    while let Some(bytes) = queue.recv().await {
        let cut = if *is_split { cut(&bytes) } else { 0 };
        let whole = async {
            if cut > 0 {
                writer.write_all(&bytes[..cut]).await?;
                writer.flush().await?;
                tokio::time::sleep(BETWEEN_SEGMENTS).await;
            }
            writer.write_all(&bytes[cut..]).await?;
            writer.flush().await
        };
        match tokio::time::timeout(WRITE_TIME, whole).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return,
            Err(_) => return count(&counters.stuck_connections),
        }
    }
}

/// Where a message is cut so that nobody who reads one segment at a time finds it whole: before its body, else before the last
/// line of its head (both measured to pass Linux's helper). 0 where there is nothing to cut.
fn cut(bytes: &[u8]) -> usize {
    let ends = |end: &[u8]| bytes.windows(end.len()).position(|part| part == end);
    let Some(head) = ends(b"\r\n\r\n") else { return 0 };
    if bytes.len() > head + 4 {
        return head + 4;
    }
    bytes[..head].windows(2).rposition(|part| part == b"\r\n").map_or(0, |line| line + 2)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_message_is_cut_before_its_body_or_else_before_its_last_line() {
        let invite = b"INVITE sip:a SIP/2.0\r\nContent-Length: 5\r\n\r\nv=0\r\n";
        assert!(invite[super::cut(invite)..].starts_with(b"v=0"));
        let register = b"REGISTER sip:a SIP/2.0\r\nVia: b\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(&register[super::cut(register)..], b"Content-Length: 0\r\n\r\n");
        assert_eq!((super::cut(b"\r\n\r\n"), super::cut(b"\r\n"), super::cut(b"")), (0, 0, 0));
    }

    use std::net::SocketAddr;
    use std::sync::atomic::Ordering;

    use centrale_sip::flow::{FlowId, Transport};
    use tokio::io::DuplexStream;
    use tokio::task::JoinSet;

    use super::*;

    const REQUEST: &[u8] = b"OPTIONS sip:box SIP/2.0\r\nContent-Length: 0\r\n\r\n";

    /// A connection, and the time that it lasted.
    async fn last(stream: DuplexStream, is_known: bool) -> (Duration, u64) {
        last_while(stream, &|| is_known).await
    }

    async fn last_while(stream: DuplexStream, is_known: &(dyn Fn() -> bool + Sync)) -> (Duration, u64) {
        let (events, mut heard) = mpsc::channel(64);
        let (queue, received) = mpsc::channel(QUEUE);
        let at: SocketAddr = "192.0.2.1:5060".parse().unwrap();
        let flow = Flow { id: FlowId(1), transport: Transport::Tcp, local: at, remote: at };
        let (began, counters) = (Instant::now(), Counters::default());
        let around = Surroundings { is_known, events: &events, counters: &counters, is_split: false };
        let hear = async { while heard.recv().await.is_some() {} };
        tokio::select! {
            () = run(stream, flow, (queue.downgrade(), received), &around) => {}
            () = hear => {}
        }
        (began.elapsed(), counters.slow_connections.load(Ordering::Relaxed))
    }

    /// Sends `bytes` one by one, one a second.
    async fn dribble(mut stream: DuplexStream, bytes: impl Iterator<Item = u8>) {
        for byte in bytes {
            if stream.write_all(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        std::future::pending::<()>().await;
    }

    #[tokio::test(start_paused = true)]
    async fn two_thousand_connections_that_dribble_are_closed_within_ten_seconds() {
        let mut open = JoinSet::new();
        for number in 0..2_000 {
            let (here, there) = tokio::io::duplex(1_024);
            // Half of them say one thing whole first, as whoever is known may; half begin with the second one.
            let whole: &[u8] = if number % 2 == 0 { REQUEST } else { &[] };
            tokio::spawn(async move {
                let mut there = there;
                there.write_all(whole).await.unwrap();
                dribble(there, REQUEST.iter().copied().cycle().skip(1)).await;
            });
            open.spawn(last(here, number % 4 == 0));
        }
        while let Some(ended) = open.join_next().await {
            let (lasted, slow) = ended.unwrap();
            assert!(lasted <= Duration::from_secs(10), "{lasted:?}");
            assert_eq!(slow, 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_only_keeps_alive_stays_when_known_and_not_when_unknown() {
        let kept_alive = || {
            let (here, mut there) = tokio::io::duplex(1_024);
            tokio::spawn(async move {
                while there.write_all(b"\r\n\r\n").await.is_ok() {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
            });
            here
        };
        assert_eq!(last(kept_alive(), false).await, (FIRST_TIME, 1));
        let hour = Duration::from_secs(3_600);
        assert!(tokio::time::timeout(hour, last(kept_alive(), true)).await.is_err(), "it is still open");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_turns_out_to_be_needed_while_nothing_is_said_stays_open() {
        let (here, mut there) = tokio::io::duplex(1_024);
        there.write_all(REQUEST).await.unwrap();
        let needed_from = Instant::now() + Duration::from_secs(20);
        let is_known = || Instant::now() >= needed_from;
        let lasts = last_while(here, &is_known);
        assert!(tokio::time::timeout(Duration::from_secs(3_600), lasts).await.is_err(), "it is still open");
    }
}

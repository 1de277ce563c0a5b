//! A phone line's connection to the exchange: SIP over TLS, from the line's own address.

use std::net::IpAddr;

use bytes::Bytes;
use centrale_sim::desk::TlsClient;
use centrale_sim::network::{Arrival, Node};
use centrale_sip::flow::{Flow, FlowId, Target};
use centrale_sip::message::{Frame, StreamFramer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_rustls::client::TlsStream;

use crate::tls::{connect, shake_hands};

/// A phone has one place; which number it has in a virtual network does not matter here.
pub(crate) const HERE: Node = Node(1);

/// A connection, or one that is being made. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) id: FlowId,
    queue: UnboundedSender<Bytes>,
}

/// The work of a connection.
struct Ends {
    id: FlowId,
    target: Target,
    queue: UnboundedReceiver<Bytes>,
    line: usize,
    arrivals: UnboundedSender<(usize, Arrival)>,
}

impl Connection {
    /// Makes one. What arrives, or that it did not come about, is told with the line's number.
    pub(crate) fn open(
        id: FlowId,
        line: usize,
        (from, target): (IpAddr, Target),
        client: TlsClient,
        arrivals: UnboundedSender<(usize, Arrival)>,
    ) -> Self {
        let (sender, queue) = unbounded_channel();
        let ends = Ends { id, target, queue, line, arrivals };
        tokio::spawn(async move {
            let connected = match connect(from, target.remote).await {
                Ok(stream) => shake_hands(stream, target.remote.ip(), &client).await,
                Err(nobody) => Err(nobody),
            };
            match connected {
                Ok(stream) => ends.run(stream).await,
                Err(_) => ends.tell(Arrival::Refused { at: HERE, target }),
            }
        });
        Self { id, queue: sender }
    }

    /// Sends a message. That it is closed already is on its way to who asks.
    pub(crate) fn send(&self, bytes: Bytes) {
        let _ = self.queue.send(bytes);
    }
}

impl Ends {
    async fn run(mut self, stream: TlsStream<TcpStream>) {
        let Ok(local) = stream.get_ref().0.local_addr() else { return };
        let Target { transport, remote, .. } = self.target;
        let flow = Flow { id: self.id, transport, local, remote };
        let (reader, writer) = tokio::io::split(stream);
        let (line, arrivals) = (self.line, self.arrivals.clone());
        tokio::select! {
            () = read(reader, |bytes| drop(arrivals.send((line, Arrival::Packet { at: HERE, flow, bytes })))) => {}
            () = write(writer, &mut self.queue) => {}
        }
        self.tell(Arrival::Closed { at: HERE, flow: self.id });
    }

    fn tell(&self, arrival: Arrival) {
        // The phone is gone only when the demo ends.
        let _ = self.arrivals.send((self.line, arrival));
    }
}

async fn read(mut reader: ReadHalf<TlsStream<TcpStream>>, take: impl Fn(Bytes)) {
    let (mut framer, mut buffer) = (StreamFramer::default(), vec![0; 8192]);
    while let Ok(length @ 1..) = reader.read(&mut buffer).await {
        framer.push(&buffer[..length]);
        loop {
            match framer.next_frame() {
                Ok(Some(Frame::Message(bytes))) => take(bytes),
                Ok(Some(Frame::Ping)) => {}
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
}

async fn write(mut writer: WriteHalf<TlsStream<TcpStream>>, queue: &mut UnboundedReceiver<Bytes>) {
    while let Some(bytes) = queue.recv().await {
        if writer.write_all(&bytes).await.is_err() || writer.flush().await.is_err() {
            return;
        }
    }
    let _ = writer.shutdown().await;
}

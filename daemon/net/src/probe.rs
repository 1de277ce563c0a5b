//! Throw-away sockets, on which the way to a server is examined: each on a new local port, bounded in number and time, and away
//! from the port that calls use. They set an IP TTL, and read what routers quote of a datagram that came to its end (RFC 792),
//! which Linux hands to who asks for it (ip(7), `IP_RECVERR`) and needs no right.

use std::collections::HashMap;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::AsRawFd;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use centrale_sip::flow::Transport;
use centrale_sip::message::{Frame, StreamFramer};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrIn, recvmsg, setsockopt, sockopt};
use rustls_pki_types::ServerName;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, Interest};
use tokio::net::{TcpStream, UdpSocket};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;

use crate::net::NetEvent;

/// Open at the most at one time.
const MOST: usize = 32;
/// Messages that may wait to be sent from one.
const QUEUE: usize = 16;
/// None is open for longer, whatever becomes of who opened it.
const LIFE: Duration = Duration::from_secs(120);
/// How long a connection may take to be made.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// The TTL of a datagram that shall arrive.
const USUAL_TTL: u32 = 64;
/// The longest datagram that an answer can be.
const LONGEST: usize = 65_535;
/// Where an error of a socket came from: a router's or a host's ICMP message (`SO_EE_ORIGIN_ICMP`, linux/errqueue.h).
const FROM_ICMP: u8 = 2;

/// Names a throw-away socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProbeKey {
    /// Of which round of questions.
    pub round: u64,
    /// Which of that round's.
    pub socket: u8,
}

/// What happened to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeNews {
    /// It is open, at this address of ours.
    Opened(SocketAddr),
    /// It cannot be had, or its connection is gone.
    Failed,
    /// A datagram came, or a whole message of the stream.
    Came {
        /// From whom.
        from: SocketAddr,
        /// What.
        bytes: Bytes,
    },
    /// A router, or the far end, quotes a datagram of ours in an ICMP error.
    Quoted {
        /// Who.
        hop: IpAddr,
        /// The payload as it arrived there, often cut.
        payload: Bytes,
    },
}

type Letter = (SocketAddr, Bytes, Option<u8>);
type Ways = Arc<Mutex<HashMap<ProbeKey, mpsc::Sender<Letter>>>>;

/// All that are open.
#[derive(Debug, Default)]
pub(crate) struct Probes(Ways);

impl Probes {
    pub(crate) fn open(
        &self,
        key: ProbeKey,
        (transport, to, host): (Transport, SocketAddr, &str),
        (events, tls): (mpsc::Sender<NetEvent>, TlsConnector),
        runtime: &Handle,
    ) {
        let (sender, letters) = mpsc::channel(QUEUE);
        let mut ways = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = ways.len() >= MOST;
        if !full {
            ways.insert(key, sender);
        }
        drop(ways);
        let (ways, host) = (Arc::clone(&self.0), host.to_owned());
        runtime.spawn(async move {
            let probe = Probe { key, to, events, letters };
            let life = async {
                match transport {
                    _ if full => probe.tell(ProbeNews::Failed).await,
                    Transport::Udp => probe.exchange_datagrams().await,
                    Transport::Tcp => probe.exchange_messages(None).await,
                    Transport::Tls => probe.exchange_messages(Some((tls, host))).await,
                }
            };
            // One that was forgotten is over.
            let _ = tokio::time::timeout(LIFE, life).await;
            if !full {
                ways.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
            }
        });
    }

    /// Whether there was room for it, and somebody to send it.
    pub(crate) fn send(&self, key: ProbeKey, to: SocketAddr, bytes: Bytes, ttl: Option<u8>) -> bool {
        let ways = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ways.get(&key).is_some_and(|way| way.try_send((to, bytes, ttl)).is_ok())
    }

    pub(crate) fn close(&self, key: ProbeKey) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }
}

struct Probe {
    key: ProbeKey,
    to: SocketAddr,
    events: mpsc::Sender<NetEvent>,
    letters: mpsc::Receiver<Letter>,
}

impl Probe {
    async fn tell(&self, news: ProbeNews) {
        // Nobody listens only when the daemon stops.
        let _ = self.events.send(NetEvent::Probe { key: self.key, news }).await;
    }

    async fn exchange_datagrams(mut self) {
        let opened = bind_towards(self.to).and_then(|socket| Ok((socket.local_addr()?, socket)));
        let Ok((local, socket)) = opened else { return self.tell(ProbeNews::Failed).await };
        self.tell(ProbeNews::Opened(local)).await;
        let mut room = vec![0; LONGEST];
        loop {
            tokio::select! {
                letter = self.letters.recv() => match letter {
                    Some((to, bytes, ttl)) => send(&socket, to, &bytes, ttl),
                    None => return,
                },
                ready = socket.ready(Interest::READABLE | Interest::ERROR) => {
                    if ready.is_err() {
                        return self.tell(ProbeNews::Failed).await;
                    }
                    while let Ok((hop, payload)) = socket.try_io(Interest::ERROR, || quote(&socket)) {
                        if let Some(hop) = hop {
                            self.tell(ProbeNews::Quoted { hop, payload }).await;
                        }
                    }
                    while let Ok((length, from)) = socket.try_recv_from(&mut room) {
                        let bytes = Bytes::copy_from_slice(&room[..length]);
                        self.tell(ProbeNews::Came { from, bytes }).await;
                    }
                }
            }
        }
    }

    async fn exchange_messages(mut self, tls: Option<(TlsConnector, String)>) {
        let made = tokio::time::timeout(CONNECT_TIME, connect(self.to, tls)).await;
        let Ok(Ok((mut stream, local))) = made else { return self.tell(ProbeNews::Failed).await };
        self.tell(ProbeNews::Opened(local)).await;
        let (mut framer, mut room) = (StreamFramer::default(), vec![0; 8192]);
        loop {
            tokio::select! {
                letter = self.letters.recv() => match letter {
                    Some((_, bytes, _)) if stream.write_all(&bytes).await.is_ok() => {}
                    Some(_) => return self.tell(ProbeNews::Failed).await,
                    None => return,
                },
                read = stream.read(&mut room) => {
                    let Ok(length @ 1..) = read else { return self.tell(ProbeNews::Failed).await };
                    framer.push(&room[..length]);
                    loop {
                        match framer.next_frame() {
                            Ok(Some(Frame::Message(bytes))) => {
                                self.tell(ProbeNews::Came { from: self.to, bytes }).await;
                            }
                            Ok(Some(_)) => {}
                            Ok(None) => break,
                            Err(_) => return self.tell(ProbeNews::Failed).await,
                        }
                    }
                }
            }
        }
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn connect(to: SocketAddr, tls: Option<(TlsConnector, String)>) -> io::Result<(Box<dyn Stream>, SocketAddr)> {
    let stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    let local = stream.local_addr()?;
    let Some((connector, host)) = tls else { return Ok((Box::new(stream), local)) };
    let name = ServerName::try_from(host).map_err(io::Error::other)?;
    Ok((Box::new(connector.connect(name, stream).await?), local))
}

/// A socket on a port that the system draws, at the address from which packets leave for there.
fn bind_towards(to: SocketAddr) -> io::Result<UdpSocket> {
    let any: IpAddr = if to.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { std::net::Ipv6Addr::UNSPECIFIED.into() };
    let asks = std::net::UdpSocket::bind((any, 0))?;
    // Sends nothing: the system says which address it would send from.
    asks.connect(to)?;
    let socket = std::net::UdpSocket::bind((asks.local_addr()?.ip(), 0))?;
    socket.set_nonblocking(true)?;
    if to.is_ipv4() {
        setsockopt(&socket, sockopt::Ipv4RecvErr, &true)?;
    }
    UdpSocket::from_std(socket)
}

fn send(socket: &UdpSocket, to: SocketAddr, bytes: &[u8], ttl: Option<u8>) {
    if to.is_ipv4() {
        let _ = SockRef::from(socket).set_ttl_v4(ttl.map_or(USUAL_TTL, u32::from));
    }
    // A fault here may be that of an ICMP message about an earlier datagram, and is gone once it was told.
    if socket.try_send_to(bytes, to).is_err() {
        let _ = socket.try_send_to(bytes, to);
    }
}

/// The next ICMP error of the socket: who sent it, where anybody did, and what it quotes of our payload.
fn quote(socket: &UdpSocket) -> io::Result<(Option<IpAddr>, Bytes)> {
    let mut room = vec![0; 2048];
    let mut control = nix::cmsg_space!(nix::libc::sock_extended_err, nix::libc::sockaddr_in);
    let (hop, length) = {
        let mut parts = [IoSliceMut::new(&mut room)];
        let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
        let message = recvmsg::<SockaddrIn>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags)?;
        let hop = message.cmsgs().map_err(io::Error::from)?.find_map(|it| offender(&it));
        (hop, message.bytes)
    };
    room.truncate(length);
    Ok((hop, room.into()))
}

fn offender(message: &ControlMessageOwned) -> Option<IpAddr> {
    match message {
        ControlMessageOwned::Ipv4RecvErr(error, Some(from)) if error.ee_origin == FROM_ICMP => {
            Some(Ipv4Addr::from(u32::from_be(from.sin_addr.s_addr)).into())
        }
        _ => None,
    }
}

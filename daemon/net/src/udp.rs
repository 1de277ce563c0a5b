//! One UDP socket. It notes at which of the box's addresses a datagram arrived, and answers from there.

use std::io::{IoSlice, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use nix::libc;
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, MultiHeaders, RecvMsg, SockaddrStorage, recvmmsg, sendmsg,
    setsockopt, sockopt,
};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Room for bursts: hundreds of phones that register at once after a power cut, and a flood that is being read.
const BUFFER: usize = 4 << 20;

/// A socket that wakes its reader for what arrives and for nothing else. The runtime's own kind is also woken whenever the
/// system has room for more to send, which it has after every answer that left: once more for each packet, for nothing.
pub(crate) type UdpSocket = AsyncFd<std::net::UdpSocket>;

/// One datagram as it arrived.
#[derive(Debug)]
pub(crate) struct Datagram {
    pub(crate) bytes: Bytes,
    pub(crate) remote: SocketAddr,
    /// The destination address, which is one of ours or a multicast group, and the index of the interface it came in on.
    pub(crate) arrived: Option<(IpAddr, u32)>,
    pub(crate) truncated: bool,
}

/// Binds, and asks the system for each datagram's destination.
pub(crate) fn bind(address: SocketAddr, shared: bool) -> std::io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
        setsockopt(&socket, sockopt::Ipv6RecvPacketInfo, &true)?;
    } else {
        setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?;
    }
    if shared {
        socket.set_reuse_address(true)?;
    }
    socket.set_nonblocking(true)?;
    // A smaller buffer than wished for is no reason not to start. Who may (`CAP_NET_ADMIN`) gets more than the system's limit.
    if setsockopt(&socket, sockopt::RcvBufForce, &BUFFER).is_err() {
        let _ = socket.set_recv_buffer_size(BUFFER);
    }
    let _ = socket.set_send_buffer_size(BUFFER);
    socket.bind(&address.into())?;
    reader(socket.into())
}

#[allow(
    deprecated,
    reason = "unsound only of what can close or exchange its descriptor, as no socket can that is lent out shared"
)]
fn reader(socket: std::net::UdpSocket) -> std::io::Result<UdpSocket> {
    AsyncFd::with_interest(socket, Interest::READABLE)
}

/// Datagrams taken with one call of the system, at most.
const BATCH: usize = 32;
/// Datagrams that are asked for while there is no burst: room for each costs as much as a header field, also when none comes.
const FEWEST: usize = 4;
/// The longest that UDP can carry.
const LONGEST: usize = 65_535;

/// Where the system puts what arrives. Made once per socket; only the pages that datagrams ever filled cost memory.
#[derive(Debug)]
pub(crate) struct Mailbag {
    room: Vec<u8>,
    /// How many are asked for next: twice as many once as many came as were asked for, half as many once not even half came.
    next: usize,
    /// Fewer came last than were asked for.
    is_empty: bool,
}

impl Mailbag {
    pub(crate) fn new() -> Self {
        Self { room: vec![0; BATCH * LONGEST], next: FEWEST, is_empty: true }
    }

    /// Whether the datagrams that came last were all there were.
    pub(crate) const fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// Appends the datagrams that are there, as many as one call of the system gives; waits while there are none. ICMP errors of
    /// earlier sends surface here and mean nothing for the next datagram.
    pub(crate) fn poll_receive(
        &mut self,
        context: &mut Context<'_>,
        socket: &UdpSocket,
        into: &mut Vec<Datagram>,
    ) -> Poll<std::io::Result<()>> {
        while into.is_empty() {
            let mut ready = ready!(socket.poll_read_ready(context))?;
            match ready.try_io(|socket| self.receive_now(socket, into)) {
                Ok(Err(fault)) if fault.raw_os_error() != Some(libc::ECONNREFUSED) => return Poll::Ready(Err(fault)),
                // It was read to its end, and the runtime knows.
                Ok(_) | Err(_) => {}
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Fewer than asked for means that there are no more: said as `WouldBlock`, which spares the call that would only
    /// find that out.
    fn receive_now(&mut self, socket: &UdpSocket, into: &mut Vec<Datagram>) -> std::io::Result<()> {
        let asked = self.next;
        (self.is_empty, self.next) = (true, (asked / 2).max(FEWEST));
        let chunks = self.room.chunks_exact_mut(LONGEST).take(asked);
        let mut slices: Vec<[IoSliceMut<'_>; 1]> = chunks.map(|chunk| [IoSliceMut::new(chunk)]).collect();
        let control = nix::cmsg_space!(libc::in_pktinfo, libc::in6_pktinfo);
        let mut headers = MultiHeaders::preallocate(asked, Some(control));
        let messages = recvmmsg(socket.as_raw_fd(), &mut headers, &mut slices, MsgFlags::MSG_DONTWAIT, None)?;
        let mut came = 0;
        into.extend(messages.inspect(|_| came += 1).filter_map(|message| datagram(&message)));
        self.is_empty = came < asked;
        if self.is_empty {
            if 2 * came >= asked {
                self.next = asked;
            }
            return Err(std::io::ErrorKind::WouldBlock.into());
        }
        self.next = (2 * asked).min(BATCH);
        Ok(())
    }
}

fn datagram(message: &RecvMsg<'_, '_, SockaddrStorage>) -> Option<Datagram> {
    let remote = message.address.as_ref().and_then(socket_address)?;
    let arrived = message.cmsgs().ok().and_then(|mut messages| messages.find_map(|message| destination(&message)));
    let mut bytes = BytesMut::with_capacity(message.bytes);
    message.iovs().for_each(|part| bytes.extend_from_slice(part));
    Some(Datagram { bytes: bytes.freeze(), remote, arrived, truncated: message.flags.contains(MsgFlags::MSG_TRUNC) })
}

fn destination(message: &ControlMessageOwned) -> Option<(IpAddr, u32)> {
    match message {
        ControlMessageOwned::Ipv4PacketInfo(info) => {
            Some((Ipv4Addr::from(u32::from_be(info.ipi_addr.s_addr)).into(), u32::try_from(info.ipi_ifindex).ok()?))
        }
        ControlMessageOwned::Ipv6PacketInfo(info) => {
            Some((Ipv6Addr::from(info.ipi6_addr.s6_addr).into(), info.ipi6_ifindex))
        }
        _ => None,
    }
}

fn socket_address(storage: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = storage.as_sockaddr_in().map(|address| SocketAddr::from(std::net::SocketAddrV4::from(*address)));
    v4.or_else(|| storage.as_sockaddr_in6().map(|address| SocketAddr::from(std::net::SocketAddrV6::from(*address))))
}

/// Sends from the address the peer knows us by, when that is one of ours; by the interface of that index, or with 0 by the
/// one that the routes say.
pub(crate) fn send(
    socket: &UdpSocket,
    bytes: &[u8],
    source: Option<IpAddr>,
    interface: u32,
    remote: SocketAddr,
) -> std::io::Result<()> {
    let source = source.filter(|ip| !ip.is_unspecified() && !ip.is_multicast());
    let slices = [IoSlice::new(bytes)];
    let target = SockaddrStorage::from(remote);
    let send = |control: &[ControlMessage<'_>]| {
        let sent = sendmsg(socket.as_raw_fd(), &slices, control, MsgFlags::empty(), Some(&target));
        sent.map(drop).map_err(std::io::Error::from)
    };
    // Not by what the runtime knows of it: of a socket that was opened this moment it knows nothing yet.
    match source {
        None => send(&[]),
        Some(IpAddr::V4(ip)) => {
            let info = libc::in_pktinfo {
                ipi_ifindex: i32::try_from(interface).unwrap_or(0),
                ipi_spec_dst: libc::in_addr { s_addr: u32::from(ip).to_be() },
                ipi_addr: libc::in_addr { s_addr: 0 },
            };
            send(&[ControlMessage::Ipv4PacketInfo(&info)])
        }
        Some(IpAddr::V6(ip)) => {
            let info =
                libc::in6_pktinfo { ipi6_addr: libc::in6_addr { s6_addr: ip.octets() }, ipi6_ifindex: interface };
            send(&[ControlMessage::Ipv6PacketInfo(&info)])
        }
    }
}

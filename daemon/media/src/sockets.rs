//! The two sockets of a leg. A leg that may be answered by a phone of either family is on `[::]`, which IPv4 reaches too; to
//! everyone outside this file an IPv4 peer has an IPv4 address all the same.

use centrale_rtp::leg::Channel;
use socket2::{Domain, Protocol, Socket, Type};
use std::cell::Cell;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};

/// Expedited Forwarding, DSCP 46 (RFC 3246), as the six upper bits of the traffic class octet (RFC 2474 3).
const EXPEDITED_FORWARDING: u32 = 46 << 2;
/// What may wait in the kernel for one port: more than a second of G.711 with the kernel's bookkeeping, and little enough
/// that a flood of one port does not take the memory of a small box.
const RECEIVE_BUFFER_BYTES: usize = 128 * 1024;

/// The RTP port of a leg and the RTCP port above it.
#[derive(Debug)]
pub(crate) struct LegSockets {
    rtp: Port,
    rtcp: Port,
}

/// One socket.
#[derive(Debug)]
pub(crate) struct Port {
    socket: UdpSocket,
    /// It is of IPv6 and takes IPv4 as well, under mapped addresses (RFC 4291 2.5.5.2).
    of_both: bool,
    /// Number of the look at which it last had a packet.
    last_look: Cell<u64>,
}

/// A port that the system would not give.
#[derive(Debug)]
pub(crate) struct PortRefused {
    pub(crate) port: u16,
    pub(crate) error: std::io::Error,
}

impl LegSockets {
    /// Binds `rtp` and the port above it.
    pub(crate) fn bind(rtp: SocketAddr) -> Result<Self, PortRefused> {
        let above = rtp.port().checked_add(1).ok_or_else(|| PortRefused {
            port: rtp.port(),
            error: std::io::Error::other("there is no port above for RTCP"),
        })?;
        Ok(Self { rtp: bind(rtp)?, rtcp: bind(SocketAddr::new(rtp.ip(), above))? })
    }

    pub(crate) fn of(&self, channel: Channel) -> &Port {
        match channel {
            Channel::Rtp => &self.rtp,
            Channel::Rtcp => &self.rtcp,
        }
    }
}

impl Port {
    /// The next datagram and who sent it.
    pub(crate) fn recv_from(&self, buffer: &mut [u8]) -> std::io::Result<(usize, SocketAddr)> {
        let (len, from) = self.socket.recv_from(buffer)?;
        Ok((len, if self.of_both { unmapped(from) } else { from }))
    }

    /// Notes that it has a packet at this look, and says whether it had one at the look before, too.
    pub(crate) fn had_one_before(&self, look: u64) -> bool {
        self.last_look.replace(look) + 1 == look
    }

    pub(crate) fn send_to(&self, packet: &[u8], to: SocketAddr) -> std::io::Result<usize> {
        self.socket.send_to(packet, if self.of_both { mapped(to) } else { to })
    }

    pub(crate) fn number(&self) -> u16 {
        self.socket.local_addr().map_or(0, |local| local.port())
    }
}

impl AsFd for Port {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// An IPv4 peer as itself. The scope of a link-local IPv6 one stays.
fn unmapped(from: SocketAddr) -> SocketAddr {
    match from.ip().to_canonical() {
        IpAddr::V4(ip) => SocketAddr::new(ip.into(), from.port()),
        IpAddr::V6(_) => from,
    }
}

fn mapped(to: SocketAddr) -> SocketAddr {
    match to {
        SocketAddr::V4(to) => SocketAddr::new(to.ip().to_ipv6_mapped().into(), to.port()),
        SocketAddr::V6(_) => to,
    }
}

fn bind(address: SocketAddr) -> Result<Port, PortRefused> {
    let of_both = address.is_ipv6() && address.ip().is_unspecified();
    match open(address, of_both) {
        Ok(socket) => Ok(Port { socket, of_both, last_look: Cell::new(0) }),
        Err(error) => Err(PortRefused { port: address.port(), error }),
    }
}

fn open(address: SocketAddr, of_both: bool) -> std::io::Result<UdpSocket> {
    // No SO_REUSEADDR: for UDP it would let another program share, and so take, the port.
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(!of_both)?;
        socket.set_tclass_v6(EXPEDITED_FORWARDING)?;
    }
    if address.is_ipv4() || of_both {
        socket.set_tos_v4(EXPEDITED_FORWARDING)?;
    }
    socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

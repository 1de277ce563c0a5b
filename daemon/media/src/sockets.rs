//! The two sockets of a leg.

use centrale_rtp::leg::Channel;
use socket2::{Domain, Protocol, Socket, Type};
use std::net::{SocketAddr, UdpSocket};

/// Expedited Forwarding, DSCP 46 (RFC 3246), as the six upper bits of the traffic class octet (RFC 2474 3).
const EXPEDITED_FORWARDING: u32 = 46 << 2;
/// What may wait in the kernel for one port: more than a second of G.711 with the kernel's bookkeeping, and little enough
/// that a flood of one port does not take the memory of a small box.
const RECEIVE_BUFFER_BYTES: usize = 128 * 1024;

/// The RTP port of a leg and the RTCP port above it.
#[derive(Debug)]
pub(crate) struct LegSockets {
    rtp: UdpSocket,
    rtcp: UdpSocket,
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

    pub(crate) fn of(&self, channel: Channel) -> &UdpSocket {
        match channel {
            Channel::Rtp => &self.rtp,
            Channel::Rtcp => &self.rtcp,
        }
    }
}

fn bind(address: SocketAddr) -> Result<UdpSocket, PortRefused> {
    open(address).map_err(|error| PortRefused { port: address.port(), error })
}

fn open(address: SocketAddr) -> std::io::Result<UdpSocket> {
    // No SO_REUSEADDR: for UDP it would let another program share, and so take, the port.
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
        socket.set_tclass_v6(EXPEDITED_FORWARDING)?;
    } else {
        socket.set_tos_v4(EXPEDITED_FORWARDING)?;
    }
    socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

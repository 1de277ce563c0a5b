//! The DHCP server port: what neighbours that have an address ask there. It may not read what they ask.

use std::future::poll_fn;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;

use crate::counters::{Counters, count};
use crate::interfaces::{addresses, next_to};
use crate::udp::{self, Datagram, Mailbag, UdpSocket};

/// The ports of DHCP servers and clients (RFC 2131 4.1).
const SERVER: u16 = 67;
const CLIENT: u16 = 68;

/// The open port. It closes when dropped.
pub struct DhcpPort {
    socket: UdpSocket,
    mailbag: Mailbag,
    heard: std::vec::IntoIter<Datagram>,
    counters: Arc<Counters>,
}

impl std::fmt::Debug for DhcpPort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DhcpPort")
    }
}

/// A datagram of a neighbour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DhcpQuestion {
    /// As received.
    pub bytes: Bytes,
    /// The neighbour's address.
    pub from: Ipv4Addr,
    /// Our address on its network.
    pub local: Ipv4Addr,
    interface: u32,
}

impl DhcpPort {
    pub(crate) fn open(counters: Arc<Counters>) -> std::io::Result<Self> {
        let socket = udp::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, SERVER)), false)?;
        Ok(Self { socket, mailbag: Mailbag::new(), heard: Vec::new().into_iter(), counters })
    }

    /// Waits for a datagram of a neighbour: one whose sender has an address on the network of the interface it came in on.
    ///
    /// # Errors
    /// When the system takes the socket away.
    pub async fn receive(&mut self) -> std::io::Result<DhcpQuestion> {
        loop {
            let Some(datagram) = self.heard.next() else {
                let mut heard = Vec::new();
                poll_fn(|context| self.mailbag.poll_receive(context, &self.socket, &mut heard)).await?;
                self.heard = heard.into_iter();
                continue;
            };
            let (IpAddr::V4(from), Some((_, interface))) = (datagram.remote.ip(), datagram.arrived) else { continue };
            // Most of what is said here is between the router and who has no address yet.
            if from.is_unspecified() || datagram.truncated {
                continue;
            }
            if let Some(IpAddr::V4(local)) = next_to(&addresses(), interface, from.into()) {
                return Ok(DhcpQuestion { bytes: datagram.bytes, from, local, interface });
            }
        }
    }

    /// Answers, by the interface on which it was asked; `None` only counts that there is no answer.
    pub fn answer(&self, question: &DhcpQuestion, bytes: Option<&[u8]>) {
        let Some(bytes) = bytes else { return count(&self.counters.dhcp_ignored) };
        let to = SocketAddr::from((question.from, CLIENT));
        match udp::send(&self.socket, bytes, Some(question.local.into()), question.interface, to) {
            Ok(()) => count(&self.counters.dhcp_answers),
            Err(_) => count(&self.counters.unsent_datagrams),
        }
    }
}

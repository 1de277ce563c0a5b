//! Which MAC address the kernel sees behind an IP address: a phone's claim is held against it, and changes are told.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};

use netlink_packet_core::{NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_packet_route::neighbour::{NeighbourAddress, NeighbourAttribute, NeighbourMessage, NeighbourState};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE};

use crate::netlink::messages;

/// The MAC address of a neighbour in an attached network; `None` when the kernel does not know it (a routed address, the machine
/// itself, or one that has not been spoken to), or knows it by two.
///
/// From the kernel's own table (RFC 826 for IPv4, RFC 4861 for IPv6), never from the address itself: anybody can take an IPv6
/// address that is made of another's MAC address. Does not wait for the network.
pub fn neighbour(ip: IpAddr) -> Option<[u8; 6]> {
    let ip = ip.to_canonical();
    let table = table(if ip.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 });
    let table = table.inspect_err(|cause| tracing::warn!(%cause, "the neighbour table cannot be read")).ok()?;
    let macs: BTreeSet<_> = table.iter().filter_map(|entry| mac_of(entry, ip)).collect();
    macs.first().copied().filter(|_| macs.len() == 1)
}

/// One entry of the kernel's table for IPv4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableEntry {
    /// The address.
    pub ip: Ipv4Addr,
    /// Who said last that it has it.
    pub mac: [u8; 6],
    /// Whether the kernel is sure at present that it is there (`NUD_REACHABLE`), or was told so for good.
    pub answers: bool,
}

/// Every neighbour that is known over IPv4 at present (RFC 826), on every network of the box; none when the kernel does not tell.
/// Does not wait for the network.
pub fn neighbours() -> Vec<TableEntry> {
    let table =
        table(AddressFamily::Inet).inspect_err(|cause| tracing::debug!(%cause, "the neighbour table cannot be read"));
    table.iter().flatten().filter_map(entry_of).collect()
}

/// Says nothing to a neighbour, by an empty datagram to the discard port (RFC 863): where the kernel is not sure any more that
/// it is there, it asks. Whether it is then is in the table a few seconds later.
pub fn stir(ip: Ipv4Addr) {
    const DISCARD: u16 = 9;
    let sent = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
        socket.set_nonblocking(true)?;
        socket.send_to(&[], (ip, DISCARD))
    });
    if let Err(cause) = sent {
        tracing::debug!(%cause, "a neighbour is not asked for");
    }
}

/// The table of one family, asked for as rtnetlink(7) says.
fn table(family: AddressFamily) -> io::Result<Vec<NeighbourMessage>> {
    let mut socket = Socket::new(NETLINK_ROUTE)?;
    socket.bind_auto()?;
    // From the kernel alone.
    socket.connect(&SocketAddr::new(0, 0))?;
    let mut question = NeighbourMessage::default();
    question.header.family = family;
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST | NLM_F_DUMP;
    let mut question = NetlinkMessage::new(header, RouteNetlinkMessage::GetNeighbour(question).into());
    question.finalize();
    let mut bytes = vec![0; question.buffer_len()];
    question.serialize(&mut bytes);
    socket.send(&bytes, 0)?;
    let mut entries = Vec::new();
    loop {
        let (bytes, _) = socket.recv_from_full()?;
        if take(&bytes, &mut entries)? {
            return Ok(entries);
        }
    }
}

/// Takes the entries out of what the kernel said; whether that was the last of it.
fn take(bytes: &[u8], entries: &mut Vec<NeighbourMessage>) -> io::Result<bool> {
    for message in messages(bytes) {
        match message? {
            NetlinkPayload::InnerMessage(RouteNetlinkMessage::NewNeighbour(entry)) => entries.push(entry),
            NetlinkPayload::Done(_) => return Ok(true),
            NetlinkPayload::Error(fault) => return Err(fault.to_io()),
            _ => {}
        }
    }
    Ok(false)
}

fn entry_of(entry: &NeighbourMessage) -> Option<TableEntry> {
    let ip = entry.attributes.iter().find_map(|attribute| match attribute {
        NeighbourAttribute::Destination(NeighbourAddress::Inet(ip)) => Some(*ip),
        _ => None,
    })?;
    let answers = matches!(entry.header.state, NeighbourState::Reachable | NeighbourState::Permanent);
    Some(TableEntry { ip, mac: mac_of(entry, ip.into())?, answers })
}

fn mac_of(entry: &NeighbourMessage, ip: IpAddr) -> Option<[u8; 6]> {
    use NeighbourState::{Delay, Permanent, Probe, Reachable, Stale};
    let wanted = NeighbourAttribute::Destination(NeighbourAddress::from(ip));
    // In the other states there is no address yet, or the neighbour stopped answering.
    let known = matches!(entry.header.state, Reachable | Stale | Delay | Probe | Permanent);
    if !known || !entry.attributes.contains(&wanted) {
        return None;
    }
    entry.attributes.iter().find_map(|attribute| match attribute {
        NeighbourAttribute::LinkLayerAddress(mac) => <[u8; 6]>::try_from(mac.as_slice()).ok(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: [u8; 6] = [0x80, 0x5e, 0xc0, 0xaa, 0xbb, 0xcc];

    fn entry(ip: &str, state: NeighbourState) -> NeighbourMessage {
        let mut entry = NeighbourMessage::default();
        entry.header.state = state;
        let ip: IpAddr = ip.parse().unwrap();
        entry.attributes =
            vec![NeighbourAttribute::Destination(ip.into()), NeighbourAttribute::LinkLayerAddress(MAC.to_vec())];
        entry
    }

    #[test]
    fn only_a_neighbour_that_answered_tells_its_mac_address() {
        let ip = "192.168.1.20".parse().unwrap();
        assert_eq!(mac_of(&entry("192.168.1.20", NeighbourState::Stale), ip), Some(MAC));
        assert_eq!(mac_of(&entry("192.168.1.20", NeighbourState::Incomplete), ip), None);
        assert_eq!(mac_of(&entry("192.168.1.20", NeighbourState::Failed), ip), None);
        assert_eq!(mac_of(&entry("192.168.1.2", NeighbourState::Reachable), ip), None);
    }
}

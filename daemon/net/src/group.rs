//! The multicast group of SIP PnP: on which interfaces the sockets are in it.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use socket2::{InterfaceIndexOrAddress, SockRef};

use crate::changes::Lost;
use crate::interfaces::FoundAddress;
use crate::udp::UdpSocket;

const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 1, 75);
/// The group and port of SIP PnP.
pub(crate) const PNP: SocketAddr = SocketAddr::new(IpAddr::V4(GROUP), 5060);

/// The interfaces, by index, on which every listening socket is in the group.
#[derive(Debug, Default)]
pub(crate) struct Membership(BTreeSet<u32>);

impl Membership {
    /// Follows the box's addresses: in on interfaces that have one, out on those that are gone. On interfaces that lost
    /// something the system has dropped the group, though it is still on the socket's own list: out, and in again.
    pub(crate) fn follow(&mut self, sockets: &[&UdpSocket], found: &[FoundAddress], lost: &Lost) {
        let wanted: BTreeSet<u32> =
            found.iter().filter(|address| address.multicast && address.ip.is_ipv4()).map(|found| found.index).collect();
        // Those that are gone as well: a socket can be in 20 groups, and what is not left counts for ever.
        self.0.retain(|index| {
            let stays = wanted.contains(index) && !lost.contains(*index);
            if !stays {
                let at = InterfaceIndexOrAddress::Index(*index);
                // An error means that it was not in it.
                sockets.iter().for_each(|socket| drop(SockRef::from(*socket).leave_multicast_v4_n(&GROUP, &at)));
            }
            stays
        });
        for index in wanted {
            if !self.0.contains(&index) && join(sockets, index) {
                self.0.insert(index);
            }
        }
    }
}

fn join(sockets: &[&UdpSocket], index: u32) -> bool {
    let at = InterfaceIndexOrAddress::Index(index);
    let joined = sockets.iter().try_for_each(|socket| SockRef::from(*socket).join_multicast_v4_n(&GROUP, &at));
    if let Err(cause) = &joined {
        // It may have gone again; when it comes back it is tried again.
        tracing::warn!(interface = index, %cause, "cannot hear PnP on this interface");
    }
    joined.is_ok()
}

//! What the kernel tells of links, addresses and routes that come and go (rtnetlink(7)).

use std::collections::BTreeSet;
use std::io;

use netlink_packet_core::NetlinkPayload::InnerMessage;
use netlink_packet_route::AddressFamily;
use netlink_packet_route::RouteNetlinkMessage::{DelAddress, DelLink};
use netlink_sys::{AsyncSocket as _, AsyncSocketExt as _, TokioSocket, protocols::NETLINK_ROUTE};
use nix::libc;

use crate::netlink::messages;

/// Links, addresses of both families, routes of both families: the default route is one of them.
const GROUPS: [u32; 5] = [
    libc::RTNLGRP_LINK,
    libc::RTNLGRP_IPV4_IFADDR,
    libc::RTNLGRP_IPV6_IFADDR,
    libc::RTNLGRP_IPV4_ROUTE,
    libc::RTNLGRP_IPV6_ROUTE,
];

/// Which interfaces lost what they had, even if it is back already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lost {
    /// These, by index.
    Some(BTreeSet<u32>),
    /// Any may have: the kernel told more than there was room for.
    Unknown,
}

impl Lost {
    pub(crate) fn contains(&self, index: u32) -> bool {
        match self {
            Lost::Some(indexes) => indexes.contains(&index),
            Lost::Unknown => true,
        }
    }
}

/// The kernel's notices.
pub(crate) struct Changes(TokioSocket);

impl Changes {
    pub(crate) fn listen() -> io::Result<Self> {
        let mut socket = TokioSocket::new(NETLINK_ROUTE)?;
        socket.socket_mut().bind_auto()?;
        GROUPS.iter().try_for_each(|group| socket.socket_ref().add_membership(*group))?;
        Ok(Self(socket))
    }

    /// Waits for the next notice.
    pub(crate) async fn next(&self) -> io::Result<Lost> {
        loop {
            match self.0.recv_from_full().await {
                // Port 0 is the kernel; anybody on the machine can send to a netlink socket.
                Ok((_, from)) if from.port_number() != 0 => {}
                Ok((bytes, _)) => return Ok(lost(&bytes)),
                Err(fault) if fault.raw_os_error() == Some(libc::ENOBUFS) => return Ok(Lost::Unknown),
                Err(fault) => return Err(fault),
            }
        }
    }
}

fn lost(bytes: &[u8]) -> Lost {
    let mut indexes = BTreeSet::new();
    for message in messages(bytes) {
        match message {
            Ok(InnerMessage(DelAddress(gone))) if gone.header.family == AddressFamily::Inet => {
                indexes.insert(gone.header.index);
            }
            Ok(InnerMessage(DelLink(gone))) => {
                indexes.insert(gone.header.index);
            }
            Ok(_) => {}
            Err(_) => return Lost::Unknown,
        }
    }
    Lost::Some(indexes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_that_cannot_be_read_means_that_anything_may_be_lost() {
        assert_eq!(lost(&[1, 2, 3]), Lost::Unknown);
        assert_eq!(lost(&[]), Lost::Some(BTreeSet::new()));
    }
}

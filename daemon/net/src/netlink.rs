//! What the kernel says in one packet of netlink(7), message by message.

use std::io;

use netlink_packet_core::{NetlinkMessage, NetlinkPayload};
use netlink_packet_route::RouteNetlinkMessage;

/// The messages in a packet; the first that cannot be read is the last.
pub(crate) fn messages(mut bytes: &[u8]) -> impl Iterator<Item = io::Result<NetlinkPayload<RouteNetlinkMessage>>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let message = NetlinkMessage::deserialize(bytes).map_err(io::Error::other);
        // Each is padded to four bytes (NLMSG_ALIGN).
        let length = message.as_ref().map_or(usize::MAX, |message| message.buffer_len().next_multiple_of(4));
        bytes = bytes.get(length..).unwrap_or_default();
        Some(message.map(|message| message.payload))
    })
}

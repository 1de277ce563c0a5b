//! What the sockets refused, counted.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($name:ident: $sentence:literal),* $(,)?) => {
        /// Totals since the start. Shared by every socket.
        #[derive(Debug, Default)]
        pub struct Counters { $(#[doc = $sentence] pub $name: AtomicU64),* }

        impl Counters {
            /// Each with its name and a sentence.
            pub fn list(&self) -> Vec<(&'static str, u64, &'static str)> {
                vec![$((stringify!($name), self.$name.load(Ordering::Relaxed), $sentence)),*]
            }
        }
    };
}

counters! {
    datagrams: "datagrams received",
    blocked_packets: "packets and connections dropped because their sender is blocked",
    strange_datagrams: "datagrams to a provider's own port from somebody else",
    truncated_datagrams: "datagrams larger than the buffer",
    unsent_datagrams: "datagrams the system would not send",
    connections: "connections accepted",
    refused_connections: "connections refused because their number is bounded",
    unframed_streams: "connections closed because no message could be cut out of them",
    torn_streams: "connections that ended in the middle of a message",
    slow_connections: "connections closed because a message did not come to its end",
    stuck_connections: "connections closed because the peer did not read",
    failed_handshakes: "TLS handshakes that failed",
    dhcp_answers: "DHCP questions of phones that were answered with options",
    dhcp_ignored: "DHCP datagrams of neighbours that were not answered",
    refused_targets: "connections not made because their number is bounded",
    failed_connects: "connections that could not be made",
}

pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

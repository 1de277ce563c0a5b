//! SIP's sockets: UDP, TCP and TLS, the multicast of PnP, the DHCP server port, the box's addresses, its neighbours and DNS. IO only.
//!
//! In: bytes to send ([`centrale_sip::endpoint::Transmit`]) and names to find. Out: [`NetEvent`]s in one queue ([`Arrivals`]). It frames streams
//! and bounds them (size, time, number); it may not read a SIP message any further than that, nor decide anything about calls.
//! RFC 3261 18, RFC 3263 (finding servers), RFC 5626 3.5.1 (keep-alive).

mod arrivals;
mod changes;
mod connection;
mod counters;
mod dhcp;
mod firewall;
mod group;
mod half_open;
mod interfaces;
mod kernel;
mod moderation;
mod names;
mod neighbour;
mod net;
mod netlink;
mod own_ports;
mod probe;
mod resolve;
mod tls;
mod udp;

pub use arrivals::Arrivals;
pub use counters::Counters;
pub use dhcp::{DhcpPort, DhcpQuestion};
pub use firewall::Block;
pub use half_open::half_open_keeps_others_out;
pub use interfaces::{FoundAddress, addresses, gateway, is_attached};
pub use kernel::PRIVATE_NETWORKS;
pub use neighbour::{TableEntry, neighbour, neighbours, stir};
pub use net::{Net, NetError, NetEvent, NetSettings, WebPorts};
pub use probe::{ProbeKey, ProbeNews};
pub use resolve::{Resolver, ServerQuestion};
pub use tls::{TlsFault, client_config, server_config};

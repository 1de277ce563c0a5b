//! Who begins connections without end and finishes none, each in the name of another address that nobody has.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, sendto, socket};

use crate::failure::Tried;
use crate::{Failure, Place, Result};

/// The addresses in whose names it begins, 198.19.0.0/16.
const FIRST: Ipv4Addr = Ipv4Addr::new(198, 19, 0, 0);
pub(crate) const NAMES: u32 = 65_536;
/// Packets at once.
const BURST: usize = 50;

/// Begins `rate` connections a second at `servers` in turn, for so long. How many packets left.
///
/// # Errors
/// When raw sockets are not allowed here, or a server has no IPv4 address.
pub(crate) fn begin_connections(place: &Place, servers: &[SocketAddr], rate: u32, lasts: Duration) -> Result<u64> {
    let four = |server: &SocketAddr| match server {
        SocketAddr::V4(server) => Ok(*server),
        SocketAddr::V6(_) => Err(Failure::Unexpected("connections are begun over IPv4".to_owned())),
    };
    let servers = servers.iter().map(four).collect::<Result<Vec<_>>>()?;
    let raw = || socket(AddressFamily::Inet, SockType::Raw, SockFlag::SOCK_CLOEXEC, SockProtocol::Raw);
    let socket = place.inside(|| raw().map_err(std::io::Error::from).tried(|| "open a raw socket".to_owned()))?;
    let (began, mut sent, mut number) = (Instant::now(), 0_u64, 0_u32);
    while began.elapsed() < lasts {
        for server in servers.iter().cycle().take(BURST) {
            number = number.wrapping_add(1);
            let packet = begin(number, *server);
            let left = sendto(socket.as_raw_fd(), &packet, &SockaddrIn::from(*server), MsgFlags::empty());
            // A full queue of the network card drops, as everywhere.
            sent += u64::from(left.is_ok());
        }
        let due = Duration::from_micros(sent * 1_000_000 / u64::from(rate));
        std::thread::park_timeout(due.saturating_sub(began.elapsed()));
    }
    Ok(sent)
}

/// The first packet of a connection (RFC 9293 3.1) behind its IP header (RFC 791 3.1), whose checksum is left to the kernel.
fn begin(number: u32, server: SocketAddrV4) -> [u8; 40] {
    let from = Ipv4Addr::from_bits(FIRST.to_bits() + number % NAMES);
    let port = 1024 + u16::try_from(number / NAMES % 60_000).unwrap_or(0);
    let mut tcp = [0; 20];
    tcp[..2].copy_from_slice(&port.to_be_bytes());
    tcp[2..4].copy_from_slice(&server.port().to_be_bytes());
    tcp[4..8].copy_from_slice(&number.to_be_bytes());
    // A header of five words, SYN, and a window.
    tcp[12..16].copy_from_slice(&[5 << 4, 2, 0xff, 0xff]);
    let pseudo = [&from.octets()[..], &server.ip().octets(), &[0, 6, 0, 20], &tcp].concat();
    tcp[16..18].copy_from_slice(&checksum(&pseudo).to_be_bytes());

    let mut packet = [0; 40];
    packet[..10].copy_from_slice(&[0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6]);
    packet[12..16].copy_from_slice(&from.octets());
    packet[16..20].copy_from_slice(&server.ip().octets());
    packet[20..].copy_from_slice(&tcp);
    packet
}

/// RFC 1071, of an even number of bytes.
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks_exact(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]])));
    let sum: u32 = words.sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !u16::try_from((folded & 0xffff) + (folded >> 16)).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_carries_the_sum_that_makes_all_of_it_come_to_nothing() {
        let packet = begin(70_000, SocketAddrV4::new(Ipv4Addr::new(10, 30, 0, 1), 5060));
        let whole = [&packet[12..20], &[0, 6, 0, 20], &packet[20..]].concat();
        assert_eq!(checksum(&whole), 0);
        assert_eq!(packet[12..16], [198, 19, 17, 112]);
        // The example of RFC 1071 3.
        assert_eq!(checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]), !0xddf2);
    }
}

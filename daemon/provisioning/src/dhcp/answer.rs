//! Writing the one answer there is.

use std::net::Ipv4Addr;

use super::{ACK, COOKIE, FIXED, Inform, option, vendor_specific};

/// Shortest message that every client takes (RFC 1542 2.1).
const SHORTEST: usize = 300;

impl Inform {
    /// The DHCPACK that tells this client `url` as options 66 and 43, from the server `ours`; it goes to the client's
    /// address, port 68. `None` when the address is too long for an option.
    ///
    /// What the client said of itself goes back (transaction, address, MAC address); no address, router or name server
    /// is told, and there is no lease time (RFC 2131 4.3.5 forbids one).
    pub fn answer(&self, ours: Ipv4Addr, url: &str) -> Option<Vec<u8>> {
        let vendor_specific = vendor_specific(url)?;
        let mut bytes = vec![0; FIXED];
        // A reply, to Ethernet.
        bytes[..3].copy_from_slice(&[2, 1, 6]);
        bytes[4..8].copy_from_slice(&self.transaction);
        bytes[12..16].copy_from_slice(&self.address.octets());
        bytes[28..34].copy_from_slice(&self.mac.octets());
        bytes.extend(COOKIE);
        put(&mut bytes, option::MESSAGE_TYPE, &[ACK])?;
        put(&mut bytes, option::SERVER, &ours.octets())?;
        put(&mut bytes, option::TFTP_SERVER, url.as_bytes())?;
        put(&mut bytes, option::VENDOR_SPECIFIC, &vendor_specific)?;
        bytes.push(option::END);
        bytes.resize(bytes.len().max(SHORTEST), option::PAD);
        Some(bytes)
    }
}

fn put(bytes: &mut Vec<u8>, code: u8, value: &[u8]) -> Option<()> {
    bytes.extend([code, u8::try_from(value.len()).ok()?]);
    bytes.extend(value);
    Some(())
}

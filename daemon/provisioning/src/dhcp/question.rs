//! Reading a DHCPINFORM.

use std::net::Ipv4Addr;

use centrale_config::Mac;

use super::{COOKIE, FIXED, INFORM, Ignored, option};

/// A DHCPINFORM of a client on our own network: it has an address and asks for options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inform {
    pub(super) transaction: [u8; 4],
    /// The address it has.
    pub address: Ipv4Addr,
    /// Its MAC address, as it says.
    pub mac: Mac,
    /// What it says it is (option 60), at most 255 bytes of anything; empty when it says nothing.
    pub vendor_class: Vec<u8>,
}

impl Inform {
    /// Reads a datagram that came from `source`.
    ///
    /// # Errors
    /// [`Ignored`] when it is malformed, anything else than a DHCPINFORM, relayed, or from another address than it says.
    pub fn read(datagram: &[u8], source: Ipv4Addr) -> Result<Self, Ignored> {
        let (fixed, options) = datagram.split_at_checked(FIXED).ok_or(Ignored::Malformed)?;
        let options = options.strip_prefix(&COOKIE).ok_or(Ignored::Malformed)?;
        let four = |at: usize| <[u8; 4]>::try_from(&fixed[at..at + 4]).map_err(|_| Ignored::Malformed);
        // A request, from Ethernet (RFC 2131 2: op, htype, hlen).
        if fixed[..3] != [1, 1, 6] {
            return Err(Ignored::NotAQuestion);
        }
        let (mut kind, mut vendor_class) = (None, None);
        for (code, value) in read_options(options)? {
            match code {
                option::MESSAGE_TYPE => kind = kind.or(Some(value)),
                option::VENDOR_CLASS => vendor_class = vendor_class.or(Some(value)),
                _ => {}
            }
        }
        if kind != Some(&[INFORM]) {
            return Err(Ignored::NotAQuestion);
        }
        let (address, relay) = (Ipv4Addr::from(four(12)?), four(24)?);
        if relay != [0; 4] || address != source || address.is_unspecified() {
            return Err(Ignored::FromElsewhere);
        }
        let mac = <[u8; 6]>::try_from(&fixed[28..34]).map_err(|_| Ignored::Malformed)?;
        let vendor_class = vendor_class.unwrap_or_default().to_vec();
        Ok(Self { transaction: four(4)?, address, mac: Mac::from_octets(mac), vendor_class })
    }
}

/// The options up to their end, or to the end of the datagram.
fn read_options(mut bytes: &[u8]) -> Result<Vec<(u8, &[u8])>, Ignored> {
    let mut options = Vec::new();
    loop {
        match bytes {
            [] | [option::END, ..] => return Ok(options),
            [option::PAD, rest @ ..] => bytes = rest,
            [code, length, rest @ ..] => {
                let (value, rest) = rest.split_at_checked(usize::from(*length)).ok_or(Ignored::Malformed)?;
                options.push((*code, value));
                bytes = rest;
            }
            [_] => return Err(Ignored::Malformed),
        }
    }
}

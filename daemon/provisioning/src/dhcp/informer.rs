//! Who is answered, and how often.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use centrale_config::Mac;

use super::Inform;
use crate::Catalogue;

/// How long after an answer the same phone gets none.
const PAUSE: Duration = Duration::from_secs(1);
/// How many phones are answered in that time: an office's phones boot together after a power cut.
const MOST: usize = 200;

/// Why a datagram on the DHCP port is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Ignored {
    /// It is no DHCP.
    #[error("it is no DHCP message")]
    Malformed,
    /// It is DHCP between a client and the router.
    #[error("it asks for an address, which is the router's to give")]
    NotAQuestion,
    /// It came over a relay, or from another address than it says.
    #[error("it does not come from the address in it")]
    FromElsewhere,
    /// Neither its MAC address nor its vendor class is that of a maker whose phones we set up.
    #[error("it is no phone of a known maker")]
    NoPhone,
    /// It asked a moment ago, or too many others did.
    #[error("it asks too often")]
    TooMany,
}

/// Answers phones that ask for DHCP options.
#[derive(Debug, Default)]
pub struct Informer {
    answered: BTreeMap<Mac, Instant>,
}

impl Informer {
    /// What to send to `source`, port 68, for a datagram from there. `ours` is our address on that network, `http_port`
    /// the one where a phone may ask for its first file.
    ///
    /// # Errors
    /// [`Ignored`] when nothing is to be sent.
    pub fn handle(
        &mut self,
        now: Instant,
        catalogue: &Catalogue,
        datagram: &[u8],
        source: Ipv4Addr,
        (ours, http_port): (Ipv4Addr, u16),
    ) -> Result<Vec<u8>, Ignored> {
        let inform = Inform::read(datagram, source)?;
        if !is_phone(catalogue, &inform) {
            return Err(Ignored::NoPhone);
        }
        self.answered.retain(|_, then| now.saturating_duration_since(*then) < PAUSE);
        if self.answered.contains_key(&inform.mac) || self.answered.len() >= MOST {
            return Err(Ignored::TooMany);
        }
        self.answered.insert(inform.mac, now);
        inform.answer(ours, &super::texts::bootstrap(&ours.to_string(), http_port)).ok_or(Ignored::Malformed)
    }
}

/// By MAC address or by what it says it is; either can be made up, and the answer is no secret.
fn is_phone(catalogue: &Catalogue, inform: &Inform) -> bool {
    let class = String::from_utf8_lossy(&inform.vendor_class).to_ascii_lowercase();
    let named = |vendor: &crate::catalogue::Vendor| class.starts_with(&vendor.id);
    catalogue.vendor_of_mac(inform.mac).is_some() || catalogue.vendors().any(named)
}

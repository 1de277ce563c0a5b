//! The box's address by DHCP: what to write into the office's router, and the answer to a phone that asks us.
//!
//! In: a datagram from the DHCP server port, the box's address on that network, time. Out: a datagram that holds options
//! and nothing else, or the reason why there is none. It has no way to say an address, a router or a name server.
//!
//! Only DHCPINFORM is answered (RFC 2131 4.3.5): it comes from somebody who has an address and wants options. An offer
//! without an address, which boot servers send to PXE clients, is not made: a plain client takes it for the router's,
//! asks us for an address that we do not give, and stays without one.

mod answer;
mod informer;
mod question;
mod texts;

pub use informer::{Ignored, Informer};
pub use question::Inform;
pub use texts::{RouterTexts, VendorAddress};

/// The end of the fixed part and the cookie after it (RFC 2131 2 and 3, RFC 2132 2).
const FIXED: usize = 236;
const COOKIE: [u8; 4] = [99, 130, 83, 99];
/// Options and message types (RFC 2132 9).
mod option {
    pub(super) const PAD: u8 = 0;
    pub(super) const VENDOR_SPECIFIC: u8 = 43;
    pub(super) const MESSAGE_TYPE: u8 = 53;
    pub(super) const SERVER: u8 = 54;
    pub(super) const VENDOR_CLASS: u8 = 60;
    pub(super) const TFTP_SERVER: u8 = 66;
    pub(super) const END: u8 = 255;
}
const ACK: u8 = 5;
const INFORM: u8 = 8;

/// Option 43 as both makers read it: the address as option 66 within (Snom documents this; Yealink is known to read
/// option 43, and not known in which form). `None` when the address is too long for it.
fn vendor_specific(url: &str) -> Option<Vec<u8>> {
    let length = u8::try_from(url.len()).ok().filter(|length| *length <= 253)?;
    Some([&[option::TFTP_SERVER, length], url.as_bytes()].concat())
}

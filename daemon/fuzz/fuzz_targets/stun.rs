//! One STUN message: the attributes of an accepted one lie within it.
#![no_main]

use centrale_rtp::stun::parse_stun;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|datagram: &[u8]| {
    let Ok(message) = parse_stun(datagram) else { return };
    let attributes: usize = message.attributes().map(|(_, value)| 4 + value.len().next_multiple_of(4)).sum();
    assert_eq!(20 + attributes, datagram.len());
});

//! One datagram on the DHCP port: an answer goes back to who asked and gives nobody an address.
#![no_main]

use std::net::Ipv4Addr;

use centrale_provisioning::dhcp::Inform;
use libfuzzer_sys::fuzz_target;

const OURS: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 10);

fuzz_target!(|datagram: &[u8]| {
    // From the address in it, which is the only one that is ever answered.
    let Some(source) = datagram.get(12..16).and_then(|octets| <[u8; 4]>::try_from(octets).ok()) else { return };
    let Ok(inform) = Inform::read(datagram, source.into()) else { return };
    let answer = inform.answer(OURS, "http://192.168.1.10:8080/").expect("it is short enough");
    assert_eq!((&answer[4..8], &answer[12..16]), (&datagram[4..8], &source[..]));
    assert_eq!(answer[16..28], [0; 12], "no address, boot server or relay");
    // Where the options end, and which there are.
    let mut at = 240;
    while answer[at] != 255 {
        assert!([43, 53, 54, 66].contains(&answer[at]));
        at += 2 + usize::from(answer[at + 1]);
    }
});

//! One RTCP datagram: an accepted compound packet is walked to its end, every report and description in it.
#![no_main]

use centrale_rtp::rtcp::{RtcpPacket, parse_rtcp, sdes_items};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|datagram: &[u8]| {
    let Ok(compound) = parse_rtcp(datagram) else { return };
    // A packet of a compound takes four bytes or more (RFC 3550 6.4).
    let packets = compound.packets().count();
    assert!(packets > 0 && packets <= datagram.len() / 4);
    for packet in compound.packets() {
        match packet {
            RtcpPacket::SenderReport { reports, .. } | RtcpPacket::ReceiverReport { reports, .. } => {
                assert!(reports.iter().count() <= 31);
            }
            RtcpPacket::SourceDescription { chunks } => {
                assert!(sdes_items(chunks).all(|(.., text)| text.len() <= 255));
            }
            _ => {}
        }
    }
});

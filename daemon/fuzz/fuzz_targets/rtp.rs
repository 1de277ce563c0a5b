//! One datagram on a media port: it is classified, and an RTP header that is accepted lies within it.
#![no_main]

use centrale_rtp::demultiplex::classify;
use centrale_rtp::header::parse_rtp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|datagram: &[u8]| {
    let _ = classify(datagram);
    let Ok(header) = parse_rtp(datagram) else { return };
    assert!(header.payload_at <= datagram.len());
    assert_eq!(header.csrcs(datagram).count(), usize::from(header.csrc_count));
    assert_eq!(header.extension(datagram).is_some(), header.extended);
    if let Ok(payload) = header.payload(datagram) {
        assert!(header.payload_at + payload.len() <= datagram.len());
    }
});

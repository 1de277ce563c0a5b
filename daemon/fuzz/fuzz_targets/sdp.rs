//! Two session descriptions, split by a zero byte: what is accepted is written and read back as the same, and whatever the
//! two legs of a call describe, the answer we send answers the offer (RFC 3264 6).
#![no_main]

use std::net::IpAddr;

use centrale_sip::sdp::{Anchor, LocalDescription, Security, Session};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bodies: &[u8]| {
    let mut parts = bodies.splitn(2, |byte| *byte == 0);
    let Some(offered) = parts.next().and_then(read) else { return };
    let Some(other) = parts.next().and_then(read) else { return };
    let address = IpAddr::from([192, 0, 2, 1]);
    let anchor = Anchor { address, audio_port: 10_000, security: Security::Plain, direction: None };
    if let Ok(sent) = LocalDescription::new(9).answer(&other, &offered, &anchor) {
        assert_eq!(sent.media.len(), offered.media.len());
        assert!(sent.media.iter().filter(|media| !media.is_refused()).count() <= 1);
        assert_eq!(Session::parse(&sent.to_bytes()).as_ref(), Ok(&sent));
    }
});

/// An accepted description, shown to survive being written.
fn read(body: &[u8]) -> Option<Session> {
    let session = Session::parse(body).ok()?;
    assert_eq!(Session::parse(&session.to_bytes()).as_ref(), Ok(&session));
    Some(session)
}

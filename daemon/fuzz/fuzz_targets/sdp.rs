//! Two session descriptions, split by a zero byte: what is accepted is written and read back as the same, and whatever the
//! two legs of a call describe, the answer we send answers the offer (RFC 3264 6) and tells nothing of the other leg's path.
#![no_main]

use std::net::IpAddr;

use centrale_sip::sdp::{
    Anchor, AudioView, Crypto, LocalDescription, SdpFault, Security, Session, Suite, check_answer,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bodies: &[u8]| {
    let mut parts = bodies.splitn(2, |byte| *byte == 0);
    let Some(offered) = parts.next().and_then(read) else { return };
    let Some(other) = parts.next().and_then(read) else { return };
    for security in [Security::Plain, Security::Sdes(vec![our_key(&offered)])] {
        let anchor = Anchor { address: IpAddr::from([192, 0, 2, 1]), audio_port: 10_000, security, direction: None };
        let mut local = LocalDescription::new(9);
        if let Ok(sent) = local.answer(&other, &offered, &anchor) {
            check(&sent);
            let verdict = check_answer(&offered, &sent);
            // The codecs are the other leg's: whether they are in common is not known here.
            assert!(matches!(verdict, Ok(()) | Err(SdpFault::NoCommonCodec)), "{verdict:?}");
        }
        if let Ok(sent) = local.offer(&other, &anchor) {
            check(&sent);
        }
    }
});

/// An accepted description, shown to survive being written.
fn read(body: &[u8]) -> Option<Session> {
    let session = Session::parse(body).ok()?;
    assert_eq!(Session::parse(&session.to_bytes()).as_ref(), Ok(&session));
    Some(session)
}

fn our_key(offered: &Session) -> Crypto {
    let chosen = AudioView::of(offered).and_then(|view| view.crypto.first().map(|crypto| (crypto.tag, crypto.suite)));
    let (tag, suite) = chosen.unwrap_or((1, Suite::AesCm128HmacSha1_80));
    Crypto { tag, suite, key: [0x5a; 16], salt: [0xa5; 14] }
}

fn check(sent: &Session) {
    assert!(sent.media.iter().filter(|media| !media.is_refused()).count() <= 1);
    assert_eq!(Session::parse(&sent.to_bytes()).as_ref(), Ok(sent));
    let told = |name: &str| sent.media.iter().any(|media| media.attributes(name).next().is_some());
    assert!(!["candidate", "rtcp", "ice-pwd", "fingerprint", "tcap"].iter().any(|name| told(name)));
    assert!(sent.media.iter().all(|media| media.attributes("crypto").count() <= 1), "only our key");
}

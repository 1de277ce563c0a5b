//! Whatever bytes come, reading them ends, and only what has the shape of a phone's words is taken for them.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

use bytes::Bytes;
use centrale_provisioning::pnp::Subscribe;
use centrale_provisioning::recognise::{FileName, PnpClaim, UserAgentHint};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Bytes made of what the readers look for, cut and joined at random.
fn shards() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "Yealink ",
        "SIP-T46S",
        " 66.86.0.15",
        "80:5e:c0:00:00:01",
        "snom",
        "D785",
        "-SIP ",
        "(compatible; ",
        "000413",
        "/",
        "Linphone",
        "MAC",
        "%3a",
        "805ec0000001",
        "ua-profile",
        ";vendor=",
        "\"",
        ";",
        "=",
        ".boot",
        ".cfg",
        "y000000000",
        "é",
    ];
    let word = prop::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec());
    prop::collection::vec(prop_oneof![4 => word, 1 => prop::collection::vec(any::<u8>(), 0..4)], 0..12)
        .prop_map(|parts| parts.concat())
}

fn plain(text: &str) -> bool {
    text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_. ".contains(&byte))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, rng_seed: RngSeed::Fixed(75), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_from_noise_is_short_and_plain(noise in shards(), more in shards()) {
        if let Some(hint) = UserAgentHint::read(&noise) {
            prop_assert!(plain(&hint.model) && plain(&hint.firmware), "{:?}", hint);
        }
        let (text, other) = (String::from_utf8_lossy(&noise), String::from_utf8_lossy(&more));
        if let Some(claim) = PnpClaim::read(&text, &other) {
            prop_assert!([&claim.vendor, &claim.model, &claim.version].into_iter().all(|word| plain(word)), "{:?}", claim);
            prop_assert!(text.to_ascii_lowercase().ends_with(&claim.mac.to_string()));
        }
        if let Some(mac) = FileName::read(&text).and_then(|name| name.mac()) {
            prop_assert!(text.to_ascii_lowercase().contains(&mac.to_string()));
        }
        let packet = [b"SUBSCRIBE sip:", noise.as_slice(), b"@224.0.1.75 SIP/2.0\r\nEvent: ", more.as_slice(), b"\r\n\r\n"].concat();
        prop_assert!(Subscribe::read(&Bytes::from(packet)).is_none(), "a packet without Via and Call-ID is none");
    }
}

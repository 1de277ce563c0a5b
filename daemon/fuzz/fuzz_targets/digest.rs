//! One header of digest authentication: a challenge that is accepted can be answered, and the answer is read back.
#![no_main]

use centrale_sip::auth::{Challenge, Credentials, answer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|header: &[u8]| {
    let _ = Challenge::choose(header.split(|byte| *byte == b'\n'));
    let Ok(text) = std::str::from_utf8(header) else { return };
    let _ = Credentials::parse(text);
    // A line end cannot be in a header's value.
    if text.contains(['\r', '\n']) {
        return;
    }
    let Some(challenge) = Challenge::parse(text) else { return };
    let value = answer(&challenge, ("201", "secret"), ("REGISTER", "sip:example.com"), 1, "cnonce");
    let credentials = Credentials::parse(&value).expect("what we answer can be read");
    assert_eq!((&*credentials.username, &*credentials.realm), ("201", &*challenge.realm));
});

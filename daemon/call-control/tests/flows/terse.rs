//! Strangers in the office who ask in fewer bytes than the answer has.

use crate::bench::{BOX, Bench};
use crate::knock::{attacker, try_ask};

#[test]
fn b_33_what_is_too_short_to_be_answered_is_answered_when_it_was_repeated_whatever_it_asks() {
    let mut bench = Bench::new();
    let ua = attacker("192.168.1.210:5060", "201");
    let uri = format!("sip:201@{BOX}");
    let of_register = |bench: &mut Bench| {
        let draft = ua.short_register_draft(bench, 600);
        try_ask(&ua, bench, &draft).is_some()
    };
    let frob = |bench: &mut Bench| {
        let draft = ua.draft(bench, "FROB", &uri, &format!("<{uri}>"));
        try_ask(&ua, bench, &draft).is_some()
    };
    assert!(!frob(&mut bench), "the answer is longer");
    assert!(frob(&mut bench), "and shorter than both");
    // What came for the one counts for the other.
    assert!(!of_register(&mut bench) && frob(&mut bench));
}

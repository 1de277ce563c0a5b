//! Providers that want to be spoken to in their own way: encryption, codecs, a proxy in between, and which is asked first.

use centrale_call_control::Outcome;
use centrale_sip::flow::{Target, Transport};
use centrale_sip::message::HeaderName;
use centrale_sip::sdp::Profile;

use crate::bench::{Bench, Leg, OFFICE, OfficeText, Provider, audio};
use crate::ended;

/// The office whose provider speaks TLS, with more keys for it.
fn under_tls(keys: &str) -> (Bench, Provider) {
    let office = OFFICE.replace("transport = \"udp\"\n", &format!("transport = \"tls\"\n{keys}\n"));
    let mut bench = Bench::switched_off(&office, (10_000, 10_199));
    let provider = Provider::at(&mut bench, Transport::Tls, "203.0.113.5:5061");
    let remote = provider.ua.at;
    bench.names.insert("sip.provider.example".into(), vec![Target::new(Transport::Tls, remote)]);
    bench.find_interfaces();
    (bench, provider)
}

#[test]
fn encryption_is_offered_to_a_provider_under_tls_unless_it_is_off() {
    for (keys, profile) in [("", Profile::Savp), ("srtp = \"offer\"", Profile::Savp), ("srtp = \"off\"", Profile::Avp)]
    {
        let (mut bench, provider) = under_tls(keys);
        let anna = bench.phone("201");
        let mut call = anna.call(&mut bench, "0612345678");
        let ring = provider.ua.rung(&mut bench);
        assert_eq!(audio(&ring.asked().body).profile, profile, "{keys}");
        ring.refuse(&mut bench, 486);
        call.expect(&mut bench, 486);
        bench.over();
    }
}

#[test]
fn a_provider_that_must_encrypt_is_never_called_in_clear_and_one_that_may_is() {
    for (srtp, again) in [("offer", true), ("require", false)] {
        let (mut bench, provider) = under_tls(&format!("srtp = \"{srtp}\""));
        let anna = bench.phone("201");
        let mut call = anna.call(&mut bench, "0612345678");
        provider.ua.rung(&mut bench).refuse(&mut bench, 488);
        if again {
            let ring = provider.ua.rung(&mut bench);
            assert_eq!(audio(&ring.asked().body).profile, Profile::Avp);
            ring.refuse(&mut bench, 486);
            call.expect(&mut bench, 486);
        } else {
            call.expect(&mut bench, 488);
        }
        bench.over();
    }
}

#[test]
fn help_is_called_in_clear_when_nothing_else_works() {
    let (mut bench, provider) = under_tls("srtp = \"require\"");
    let anna = bench.phone("201");
    let draft = anna.invite_draft(&mut bench, "112");
    let mut call = Leg::calling(&anna, &mut bench, &draft);
    provider.ua.rung(&mut bench).refuse(&mut bench, 488);
    let mut ring = provider.ua.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_call_from_a_provider_that_must_encrypt_comes_encrypted_or_not_at_all() {
    let (mut bench, provider) = under_tls("srtp = \"require\"");
    let bram = bench.phone("202");
    let draft = provider.invite_draft(&mut bench, "+31201234568", "+31612345678");
    Leg::calling(&provider.ua, &mut bench, &draft).expect(&mut bench, 488);
    let draft = draft.set("Call-ID", "another").set("Via", provider.ua.via("z9hG4bK-another"));
    let draft = draft.sdp(&provider.ua.sdp().secured(1));
    let mut call = Leg::calling(&provider.ua, &mut bench, &draft);
    bram.rung(&mut bench).refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    bench.over();
}

#[test]
fn codecs_are_offered_in_the_order_that_the_provider_wants_and_none_is_left_out() {
    let office = OFFICE.replace("register = true\n", "register = true\ncodecs = [\"G722\", \"pcmu\"]\n");
    let mut bench = Bench::of(&office);
    let provider = Provider::new(&mut bench);
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let order =
        |body: &bytes::Bytes| -> Vec<u8> { audio(body).codecs.iter().map(|codec| codec.payload_type).collect() };
    let (mut call, mut ring) = bench.connect(&anna, "0612345678", &provider.ua);
    // The phone says 8 0 101.
    assert_eq!(order(&ring.asked().body), [0, 8, 101]);
    // And again when it takes the call back from hold.
    call.reinvite(&mut bench, Some(&call.sdp.then("sendonly")));
    let hold = ring.expect_request(&mut bench, &centrale_sip::message::Method::INVITE);
    assert_eq!(order(&hold.body), [0, 8, 101]);
    ring.respond(&mut bench, 200, Some(&ring.sdp.then("recvonly")));
    ring.expect_ack(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);

    let mut inside = anna.call(&mut bench, "202");
    let colleague = bram.rung(&mut bench);
    assert_eq!(order(&colleague.asked().body), [8, 0, 101], "a colleague's phone is asked as ever");
    colleague.refuse(&mut bench, 486);
    inside.expect(&mut bench, 486);
    bench.over();
}

#[test]
fn with_an_outbound_proxy_everything_goes_there_and_names_the_provider() {
    let office = OFFICE.replace("register = true\n", "register = true\noutbound_proxy = \"203.0.113.9:5070\"\n");
    let mut bench = Bench::switched_off(&office, (10_000, 10_199));
    let proxy = Provider::at(&mut bench, Transport::Udp, "203.0.113.9:5070");
    bench.find_interfaces();
    assert!(bench.asked.is_empty(), "the provider's own name is the proxy's to find");
    let seen = proxy.registrar.borrow().seen.clone();
    assert_eq!(seen.len(), 2);
    for register in &seen {
        assert_eq!(register.uri.to_string(), "sip:sip.provider.example");
        assert_eq!(register.headers.text(&HeaderName::Route).as_deref(), Some("<sip:203.0.113.9:5070;lr>"));
    }
    let anna = bench.phone("201");
    let mut call = anna.call(&mut bench, "0612345678");
    let ring = proxy.ua.rung(&mut bench);
    assert_eq!(ring.asked().uri.to_string(), "sip:+31612345678@sip.provider.example");
    assert_eq!(ring.asked().headers.text(&HeaderName::Route).as_deref(), Some("<sip:203.0.113.9:5070;lr>"));
    ring.refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    // A call comes in from there as well.
    let bram = bench.phone("202");
    let draft = proxy.invite_draft(&mut bench, "+31201234568", "+31612345678");
    let mut call = Leg::calling(&proxy.ua, &mut bench, &draft);
    bram.rung(&mut bench).refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    bench.over();
}

#[test]
fn the_provider_that_the_office_prefers_for_a_kind_of_number_is_asked_first() {
    let preferring = OfficeText::with_second_trunk()
        .replace("name = \"Anna\"\n", "name = \"Anna\"\ncalls = \"europe\"\n")
        .replace("register = false\n", "register = false\npreferred_for = [\"mobile\", \"international\"]\n");
    let table =
        [("0612345678", true), ("003222345678", true), ("0201234599", false), ("0301234599", false), ("112", false)];
    for (dialled, second_first) in table {
        let mut bench = Bench::switched_off(&preferring, (10_000, 10_199));
        let (first, second) = Provider::two(&mut bench);
        bench.find_interfaces();
        let anna = bench.phone("201");
        let draft = anna.invite_draft(&mut bench, dialled);
        let mut call =
            if dialled == "112" { Leg::calling(&anna, &mut bench, &draft) } else { anna.call_with(&mut bench, &draft) };
        let (asked, other) = if second_first { (&second, &first) } else { (&first, &second) };
        asked.ua.rung(&mut bench).refuse(&mut bench, 503);
        let mut ring = other.ua.rung(&mut bench);
        ring.pick_up(&mut bench);
        call.expect(&mut bench, 200);
        call.ack(&mut bench);
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
        assert_eq!(ended(bench), (Outcome::Answered, 0), "{dialled}");
    }
}

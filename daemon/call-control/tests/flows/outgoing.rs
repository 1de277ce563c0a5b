//! Calls to outside: which number is shown, which provider is asked, who is challenged.

use centrale_call_control::view::Direction;
use centrale_call_control::{Cause, Outcome};
use centrale_sip::message::{HeaderName, Method, Request};

use crate::bench::{Bench, OFFICE, OfficeText, Provider};
use crate::ended;

/// A bench with both providers in their place.
fn two_providers() -> (Bench, Provider, Provider) {
    let mut bench = Bench::switched_off(&OfficeText::with_second_trunk(), (10_000, 10_199));
    let (first, second) = Provider::two(&mut bench);
    bench.find_interfaces();
    (bench, first, second)
}

fn user_of(request: &Request, name: &HeaderName) -> String {
    let address = request.headers.addresses(name).unwrap().remove(0);
    address.uri.dialled().unwrap_or_default().into_owned()
}

#[test]
fn a_call_to_outside_goes_in_e164_with_the_callers_own_number() {
    // 202 has a number of their own; 201 shows the trunk's first.
    for (caller, shown) in [("201", "+31201234567"), ("202", "+31201234568")] {
        let mut bench = Bench::new();
        let provider = Provider::new(&mut bench);
        let phone = bench.phone(caller);
        let mut call = phone.call(&mut bench, "06 12345678".replace(' ', "").as_str());
        let mut ring = provider.ua.rung(&mut bench);
        let invite = ring.asked().clone();
        assert_eq!(invite.uri.to_string(), "sip:+31612345678@sip.provider.example");
        assert_eq!(user_of(&invite, &HeaderName::From), shown);
        assert_eq!(user_of(&invite, &HeaderName::PAssertedIdentity), shown);
        assert!(invite.headers.first(&HeaderName::Privacy).is_none());
        ring.pick_up(&mut bench);
        call.expect(&mut bench, 200);
        call.ack(&mut bench);
        assert_eq!(bench.trunk("provider").calls, 1);
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
        assert_eq!(bench.trunk("provider").calls, 0);
        let records = bench.over();
        assert_eq!((records[0].to.as_str(), records[0].trunk.as_deref()), ("+31612345678", Some("provider")));
        assert_eq!((records[0].direction, records[0].outcome), (Direction::Outgoing, Outcome::Answered));
    }
}

#[test]
fn who_asks_not_to_be_shown_is_not() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let mut call = anna.call(&mut bench, "%2331%230612345678");
    let ring = provider.ua.rung(&mut bench);
    let invite = ring.asked().clone();
    assert_eq!(invite.uri.dialled().as_deref(), Some("+31612345678"));
    let from = invite.headers.text(&HeaderName::From).unwrap().into_owned();
    assert!(from.starts_with("\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag="), "{from}");
    assert!(invite.headers.has_token(&HeaderName::Privacy, "id"));
    assert_eq!(user_of(&invite, &HeaderName::PAssertedIdentity), "+31201234567");
    ring.refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    assert_eq!(ended(bench), (Outcome::Busy, 486));
}

#[test]
fn every_request_of_a_call_is_proven_when_the_provider_asks() {
    let challenge = "Proxy-Authenticate: Digest realm=\"provider\", nonce=\"c1\", qop=\"auth\", algorithm=SHA-256\r\n";
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let mut call = anna.call(&mut bench, "0612345678");
    let first = provider.ua.rung(&mut bench);
    first.respond_with(&mut bench, 407, challenge, None);
    first.expect_ack(&mut bench);
    let mut ring = provider.ua.rung(&mut bench);
    let invite = ring.asked().clone();
    assert_eq!(invite.headers.cseq().unwrap().number, 2);
    assert_eq!(invite.headers.call_id(), first.asked().headers.call_id());
    assert!(invite.headers.text(&HeaderName::ProxyAuthorization).unwrap().contains("username=\"office\""));
    // It knows no events of keys.
    ring.sdp.formats = "8 0";
    ring.respond(&mut bench, 200, Some(&ring.sdp));
    assert_eq!(ring.expect_ack(&mut bench).headers.cseq().unwrap().number, 2);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);

    // An INFO takes a number between the re-INVITE and its challenge.
    let hold = call.sdp.then("sendonly");
    call.reinvite(&mut bench, Some(&hold));
    let asked = ring.expect_request(&mut bench, &Method::INVITE);
    let info = call.draft(&mut bench, "INFO").body("application/dtmf-relay", "Signal=1\r\n".into());
    assert_eq!(call.ask(&mut bench, &info).status.code(), 200);
    let tone = ring.take(&mut bench, &Method::INFO);
    ring.respond_with(&mut bench, 407, challenge, None);
    ring.expect_ack(&mut bench);
    let again = ring.expect_request(&mut bench, &Method::INVITE);
    let numbers = [&asked, &tone, &again].map(|request| request.headers.cseq().unwrap().number);
    assert_eq!(numbers, [3, 4, 5]);
    ring.respond(&mut bench, 200, Some(&ring.sdp.then("recvonly")));
    ring.expect_ack(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    ring.asked = Some(tone);
    ring.respond(&mut bench, 200, None);

    // The BYE is challenged although the trunk was removed meanwhile.
    call.hang_up(&mut bench);
    bench.settle(&OfficeText::without_trunks());
    let bye = ring.expect_request(&mut bench, &Method::BYE);
    ring.respond_with(&mut bench, 407, challenge, None);
    let again = ring.expect_request(&mut bench, &Method::BYE);
    assert_eq!(again.headers.cseq().unwrap().number, bye.headers.cseq().unwrap().number + 1);
    assert!(again.headers.first(&HeaderName::ProxyAuthorization).is_some());
    ring.respond(&mut bench, 200, None);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_provider_that_refuses_our_secret_for_a_call_is_not_asked_for_ever() {
    let challenge = "WWW-Authenticate: Digest realm=\"provider\", nonce=\"c1\", qop=\"auth\"\r\n";
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let mut call = anna.call(&mut bench, "0612345678");
    for _ in 0..2 {
        let ring = provider.ua.rung(&mut bench);
        ring.respond_with(&mut bench, 401, challenge, None);
        ring.expect_ack(&mut bench);
    }
    call.expect(&mut bench, 480);
    assert_eq!(ended(bench), (Outcome::Refused, 480));
}

#[test]
fn the_second_provider_is_asked_when_the_first_cannot_and_not_when_the_called_end_said_no() {
    let table = [
        (503, true),
        (500, true),
        (403, true),
        (408, true),
        (488, true),
        (486, false),
        (404, false),
        (480, false),
        (484, false),
        (600, false),
        (603, false),
    ];
    for (refusal, asked) in table {
        let (mut bench, first, second) = two_providers();
        let anna = bench.phone("201");
        let mut call = anna.call(&mut bench, "0612345678");
        first.ua.rung(&mut bench).refuse(&mut bench, refusal);
        if asked {
            let ring = second.ua.rung(&mut bench);
            assert_eq!(ring.asked().uri.to_string(), "sip:+31612345678@198.51.100.7:5070");
            assert_eq!(user_of(ring.asked(), &HeaderName::From), "+31301234567", "the second provider's own number");
            ring.refuse(&mut bench, 486);
            call.expect(&mut bench, 486);
        } else {
            call.expect(&mut bench, refusal);
        }
        bench.over();
    }
}

#[test]
fn a_provider_that_says_nothing_is_passed_over_after_three_seconds() {
    let (mut bench, first, second) = two_providers();
    let anna = bench.phone("201");
    let mut call = anna.call(&mut bench, "0612345678");
    let mut slow = first.ua.rung(&mut bench);
    bench.advance(std::time::Duration::from_millis(2_900));
    assert!(bench.take_request(second.ua.at, &Method::INVITE).is_none());
    bench.advance(std::time::Duration::from_millis(200));
    let mut ring = second.ua.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    // It wakes up too late.
    slow.pick_up(&mut bench);
    slow.expect_bye(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    let records = bench.over();
    assert_eq!((records[0].trunk.as_deref(), records[0].outcome), (Some("second"), Outcome::Answered));
}

#[test]
fn a_provider_that_is_trying_is_given_its_time() {
    let (mut bench, first, _second) = two_providers();
    let anna = bench.phone("201");
    let mut call = anna.call(&mut bench, "0612345678");
    let ring = first.ua.rung(&mut bench);
    ring.respond(&mut bench, 100, None);
    bench.seconds(60);
    bench.quiet();
    ring.refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    assert_eq!(ended(bench), (Outcome::Busy, 486));
}

#[test]
fn a_046_without_a_provider_and_with_a_refused_one_a_call_ends_at_once() {
    let refused = || {
        let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
        let provider = Provider::new(&mut bench);
        provider.registrar.borrow_mut().at_once = Some((403, String::new()));
        bench.find_interfaces();
        bench
    };
    for mut bench in [Bench::of(&OfficeText::without_trunks()), refused()] {
        let anna = bench.phone("201");
        let mut call = anna.call(&mut bench, "0612345678");
        call.expect(&mut bench, 503);
        assert_eq!(ended(bench), (Outcome::Unreachable, 503));
    }
}

#[test]
fn a_destination_that_is_blocked_reaches_no_provider() {
    let blocked = (403, Outcome::Blocked);
    let table = [
        ("09061234", blocked),
        ("0909 1234", blocked),
        ("+18761234567", blocked),
        ("0018761234567", blocked),
        ("0661234567", blocked),
        // A prefix that would choose another carrier is no number at all.
        ("16000612345678", (404, Outcome::Refused)),
        ("0990000000", (404, Outcome::Refused)),
    ];
    for (dialled, (status, outcome)) in table {
        let mut bench = Bench::new();
        let anna = bench.phone("201");
        let mut call = anna.call(&mut bench, &dialled.replace(' ', "-"));
        call.expect(&mut bench, status);
        assert_eq!(ended(bench), (outcome, status), "{dialled}");
    }
}

#[test]
fn the_offices_own_number_stays_inside() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut call = anna.call(&mut bench, "0201234568");
    bram.rung(&mut bench).refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    let records = bench.over();
    assert_eq!((records[0].direction, records[0].to.as_str()), (Direction::Internal, "202"));
}

#[test]
fn a_call_on_a_trunk_ends_when_the_trunk_is_removed() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let (mut call, mut ring) = bench.connect(&anna, "0612345678", &provider.ua);
    bench.settle(&OFFICE.replace("provider-secret", "another"));
    bench.quiet();
    bench.settle(&OfficeText::without_trunks());
    call.expect_bye(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_challenge_that_crosses_a_cancel_rings_nobody() {
    let mut bench = Bench::new();
    let (provider, anna) = (Provider::new(&mut bench), bench.phone("201"));
    let mut call = anna.call(&mut bench, "0612345678");
    let ring = provider.ua.rung(&mut bench);
    call.cancel(&mut bench);
    call.expect(&mut bench, 487);
    let challenge = "Proxy-Authenticate: Digest realm=\"provider\", nonce=\"c1\", qop=\"auth\"\r\n";
    ring.respond_with(&mut bench, 407, challenge, None);
    ring.expect_ack(&mut bench);
    bench.quiet();
    assert_eq!(ended(bench), (Outcome::Abandoned, 487));
}

#[test]
fn an_answer_that_refuses_the_audio_or_has_no_codec_of_ours_ends_the_call_at_both_ends() {
    for (port, formats) in [(0, "8 0 101"), (20_000, "18")] {
        let mut bench = Bench::new();
        let provider = Provider::new(&mut bench);
        let anna = bench.phone("201");
        let mut call = anna.call(&mut bench, "0612345678");
        let mut ring = provider.ua.rung(&mut bench);
        ring.sdp = crate::bench::Sdp { port, formats, ..ring.sdp };
        ring.pick_up(&mut bench);
        call.expect(&mut bench, 488);
        ring.expect_bye(&mut bench);
        let records = bench.over();
        assert_eq!((records[0].outcome, records[0].cause), (Outcome::Lost, Cause::NoMedia), "{port} {formats}");
    }
}

//! RFC 4028: a call whose other end died is noticed and ended, and living ends are kept alive.

use centrale_call_control::{Cause, Outcome};
use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, Method};

use crate::bench::{Bench, Leg, Provider, Ua};
use crate::ended;

/// A call whose caller proposes this; the called phone answers with that.
#[track_caller]
fn talking(proposal: Option<&str>, answer: &str) -> (Bench, Leg, Leg) {
    let mut bench = Bench::new();
    let (anna, bram): (Ua, Ua) = (bench.phone("201"), bench.phone("202"));
    let draft = anna.invite_draft(&mut bench, "202");
    let draft = match proposal {
        Some(proposal) => draft.with("Session-Expires", proposal),
        None => draft.without("Supported"),
    };
    let mut call = anna.call_with(&mut bench, &draft);
    let ring = bram.rung(&mut bench);
    ring.respond_with(&mut bench, 200, answer, Some(&bram.sdp()));
    ring.expect_ack(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    (bench, call, ring)
}

const ALLOWS_UPDATE: &str = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE\r\n";

#[test]
fn we_refresh_for_a_phone_that_knows_no_session_timers() {
    let (mut bench, mut call, mut ring) = talking(None, ALLOWS_UPDATE);
    bench.seconds(899);
    bench.quiet();
    bench.seconds(2);
    let refresh = ring.expect_request(&mut bench, &Method::UPDATE);
    assert_eq!(refresh.headers.text(&HeaderName::SessionExpires).unwrap(), "1800;refresher=uac");
    assert!(refresh.body.is_empty());
    ring.respond(&mut bench, 200, None);
    call.expect_request(&mut bench, &Method::UPDATE);
    call.respond(&mut bench, 200, None);
    bench.seconds(901);
    ring.expect_request(&mut bench, &Method::UPDATE);
    ring.respond(&mut bench, 200, None);
    call.expect_request(&mut bench, &Method::UPDATE);
    call.respond(&mut bench, 200, None);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_phone_without_update_is_refreshed_with_a_reinvite_that_changes_nothing() {
    let (mut bench, mut call, mut ring) = talking(Some("1800;refresher=uac"), "");
    let offered = ring.asked().body.clone();
    bench.seconds(901);
    let refresh = ring.expect_request(&mut bench, &Method::INVITE);
    assert_eq!(refresh.body, offered);
    ring.respond(&mut bench, 200, Some(&ring.sdp));
    ring.expect_ack(&mut bench);
    bench.quiet();
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_phone_that_says_update_and_does_not_know_it_is_refreshed_with_a_reinvite() {
    let (mut bench, mut call, mut ring) = talking(Some("1800;refresher=uac"), ALLOWS_UPDATE);
    bench.seconds(901);
    ring.expect_request(&mut bench, &Method::UPDATE);
    ring.respond(&mut bench, 501, None);
    ring.expect_request(&mut bench, &Method::INVITE);
    ring.respond(&mut bench, 200, Some(&ring.sdp));
    ring.expect_ack(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_dead_phone_that_we_refresh_is_noticed() {
    let (mut bench, mut call, ring) = talking(Some("1800;refresher=uac"), ALLOWS_UPDATE);
    bench.lost.insert(ring.ua.at);
    bench.seconds(900 + 33);
    call.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Lost, 0));
}

/// Anna talks to Bram, whose phone is on TCP and knows no session timers; his connection breaks.
fn cut_off() -> (Bench, Leg, Leg) {
    let mut bench = Bench::new();
    let anna = bench.phone("201");
    let bram = bench.phone_at("202", Transport::Tcp, "192.168.1.102:40001");
    let (call, ring) = bench.connect(&anna, "202", &bram);
    bench.seconds(300);
    bench.break_connection(Transport::Tcp, bram.at);
    (bench, call, ring)
}

/// Time in which Anna refreshes her own session.
#[track_caller]
fn anna_stays(bench: &mut Bench, call: &mut Leg, seconds: u64) {
    for _ in 0..seconds / 100 {
        bench.seconds(100);
        let update = call.draft(bench, "UPDATE").with("Supported", "timer").with("Session-Expires", "1800");
        assert_eq!(call.ask(bench, &update).status.code(), 200);
    }
}

#[test]
fn a_call_whose_phone_lost_its_connection_and_never_comes_back_is_ended() {
    let (mut bench, mut call, _) = cut_off();
    anna_stays(&mut bench, &mut call, 1400);
    bench.quiet();
    bench.seconds(100);
    call.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Lost, 0));
}

#[test]
fn a_phone_that_missed_its_refresh_is_refreshed_when_it_comes_back() {
    let (mut bench, mut call, mut ring) = cut_off();
    anna_stays(&mut bench, &mut call, 1000);
    bench.quiet();
    ring.ua.at = "192.168.1.102:40002".parse().unwrap();
    ring.ua.register(&mut bench);
    ring.expect_request(&mut bench, &Method::INVITE);
    ring.respond(&mut bench, 200, Some(&ring.sdp));
    ring.expect_ack(&mut bench);
    anna_stays(&mut bench, &mut call, 800);
    bench.quiet();
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_phone_that_lost_the_call_says_so_to_our_refresh() {
    let (mut bench, mut call, mut ring) = talking(Some("1800;refresher=uac"), ALLOWS_UPDATE);
    bench.seconds(901);
    ring.expect_request(&mut bench, &Method::UPDATE);
    ring.respond(&mut bench, 481, None);
    call.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Lost, 0));
}

#[test]
fn a_phone_that_promised_to_refresh_and_does_not_is_hung_up() {
    let (mut bench, mut call, mut ring) = talking(Some("90;refresher=uac"), ALLOWS_UPDATE);
    bench.seconds(59);
    bench.quiet();
    bench.seconds(4);
    call.expect_bye(&mut bench);
    ring.expect_bye(&mut bench);
    let records = bench.over();
    assert_eq!((records[0].outcome, records[0].cause), (Outcome::Lost, Cause::SessionExpired));
}

#[test]
fn a_phone_that_refreshes_in_time_keeps_its_call() {
    let (mut bench, mut call, mut ring) = talking(Some("90;refresher=uac"), ALLOWS_UPDATE);
    for _ in 0..10 {
        bench.seconds(45);
        let update =
            call.draft(&mut bench, "UPDATE").with("Supported", "timer").with("Session-Expires", "90;refresher=uac");
        let answer = call.ask(&mut bench, &update);
        assert_eq!(answer.status.code(), 200);
        assert_eq!(answer.headers.text(&HeaderName::SessionExpires).unwrap(), "90;refresher=uac");
    }
    bench.quiet();
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn too_short_an_interval_is_told_the_shortest_at_the_start_and_later() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let draft = anna.invite_draft(&mut bench, "202").with("Session-Expires", "20");
    let mut call = anna.call_with(&mut bench, &draft);
    let refused = call.expect(&mut bench, 422);
    assert_eq!(refused.headers.number(&HeaderName::MinSe), Ok(Some(90)));
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    for method in ["UPDATE", "INVITE"] {
        let refresh = call.draft(&mut bench, method).with("Supported", "timer").with("Session-Expires", "20");
        let refused = if method == "INVITE" {
            call.reinvite_with(&mut bench, refresh.sdp(&anna.sdp()));
            call.expect(&mut bench, 422)
        } else {
            call.ask(&mut bench, &refresh)
        };
        assert_eq!((refused.status.code(), refused.headers.number(&HeaderName::MinSe)), (422, Ok(Some(90))));
    }
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn too_short_an_interval_of_who_knows_no_session_timers_refuses_no_call() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let draft = anna.invite_draft(&mut bench, "202").without("Supported").with("Session-Expires", "30");
    let mut call = anna.call_with(&mut bench, &draft);
    let mut ring = bram.rung(&mut bench);
    ring.pick_up(&mut bench);
    let answer = call.expect(&mut bench, 200);
    assert_eq!(answer.headers.text(&HeaderName::SessionExpires), None);
    call.ack(&mut bench);
    // We refresh, as for any phone that says nothing of timers.
    bench.seconds(899);
    bench.quiet();
    bench.seconds(2);
    ring.expect_request(&mut bench, &Method::INVITE);
    ring.respond(&mut bench, 200, Some(&ring.sdp));
    ring.expect_ack(&mut bench);
    call.expect_request(&mut bench, &Method::UPDATE);
    call.respond(&mut bench, 200, None);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_phone_that_asks_for_years_is_answered_with_a_day() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let draft = anna.invite_draft(&mut bench, "202").with("Session-Expires", "4000000000");
    let mut call = anna.call_with(&mut bench, &draft);
    let mut ring = bram.rung(&mut bench);
    ring.pick_up(&mut bench);
    let answer = call.expect(&mut bench, 200);
    assert_eq!(answer.headers.text(&HeaderName::SessionExpires).unwrap(), "86400;refresher=uac");
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_phone_that_wants_a_longer_interval_gets_it() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut call = anna.call(&mut bench, "202");
    let first = bram.rung(&mut bench);
    first.respond_with(&mut bench, 422, "Min-SE: 7200\r\n", None);
    first.expect_ack(&mut bench);
    let mut ring = bram.rung(&mut bench);
    assert_eq!(ring.asked().headers.number(&HeaderName::SessionExpires), Ok(Some(7200)));
    assert_eq!(ring.asked().headers.number(&HeaderName::MinSe), Ok(Some(7200)));
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_refresh_that_is_told_a_longer_interval_is_sent_again_with_it() {
    let (mut bench, mut call, mut ring) = talking(Some("1800;refresher=uac"), ALLOWS_UPDATE);
    bench.seconds(901);
    ring.expect_request(&mut bench, &Method::UPDATE);
    ring.respond_with(&mut bench, 422, "Min-SE: 3600\r\n", None);
    let again = ring.expect_request(&mut bench, &Method::UPDATE);
    assert_eq!(again.headers.number(&HeaderName::SessionExpires), Ok(Some(3600)));
    ring.respond(&mut bench, 200, None);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

/// Anna calls outside, and the provider answers with that.
#[track_caller]
fn talking_outside(answer: &str) -> (Bench, Leg, Leg) {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let mut call = anna.call(&mut bench, "0612345678");
    let ring = provider.ua.rung(&mut bench);
    ring.respond_with(&mut bench, 200, answer, Some(&ring.sdp));
    ring.expect_ack(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    (bench, call, ring)
}

#[test]
fn a_provider_that_promised_to_refresh_and_falls_silent_is_hung_up_and_the_phone_too() {
    let (mut bench, mut call, mut ring) = talking_outside("Require: timer\r\nSession-Expires: 90;refresher=uas\r\n");
    bench.seconds(59);
    bench.quiet();
    bench.seconds(4);
    ring.expect_bye(&mut bench);
    call.expect_bye(&mut bench);
    let records = bench.over();
    assert_eq!((records[0].outcome, records[0].cause), (Outcome::Lost, Cause::SessionExpired));
}

#[test]
fn a_provider_that_refreshes_with_update_keeps_its_call_and_may_change_nothing_by_it() {
    let answer = format!("{ALLOWS_UPDATE}Require: timer\r\nSession-Expires: 90;refresher=uas\r\n");
    let (mut bench, mut call, mut ring) = talking_outside(&answer);
    let before = bench.media.ports_in_use();
    for _ in 0..10 {
        bench.seconds(45);
        let update = ring.draft(&mut bench, "UPDATE").with("Supported", "timer");
        let answer = ring.ask(&mut bench, &update.with("Session-Expires", "90;refresher=uac"));
        assert_eq!(answer.status.code(), 200);
        assert_eq!(answer.headers.text(&HeaderName::SessionExpires).unwrap(), "90;refresher=uac");
    }
    bench.quiet();
    assert_eq!(bench.media.ports_in_use(), before);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(ended(bench), (Outcome::Answered, 0));
}

#[test]
fn a_provider_that_wants_a_longer_interval_gets_it_for_the_call_and_for_its_refresh() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let mut call = anna.call(&mut bench, "0612345678");
    let first = provider.ua.rung(&mut bench);
    first.respond_with(&mut bench, 422, "Min-SE: 3600\r\n", None);
    first.expect_ack(&mut bench);
    let mut ring = provider.ua.rung(&mut bench);
    assert_eq!(ring.asked().headers.number(&HeaderName::SessionExpires), Ok(Some(3600)));
    let answer = format!("{ALLOWS_UPDATE}Session-Expires: 3600;refresher=uac\r\n");
    ring.respond_with(&mut bench, 200, &answer, Some(&ring.sdp));
    ring.expect_ack(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    // Anna refreshes her own end.
    for _ in 0..3 {
        bench.seconds(601);
        let update = call.draft(&mut bench, "UPDATE").with("Supported", "timer").with("Session-Expires", "1800");
        assert_eq!(call.ask(&mut bench, &update).status.code(), 200);
    }
    ring.expect_request(&mut bench, &Method::UPDATE);
    ring.respond_with(&mut bench, 422, "Min-SE: 7200\r\n", None);
    let again = ring.expect_request(&mut bench, &Method::UPDATE);
    assert_eq!(again.headers.number(&HeaderName::SessionExpires), Ok(Some(7200)));
    ring.respond(&mut bench, 200, None);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(bench.over().len(), 1);
}

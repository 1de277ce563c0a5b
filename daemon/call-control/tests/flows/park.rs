//! A call is put down at a park place and taken up from any phone; it rings back, and its lamp tells the truth.

use centrale_call_control::view::{CallState, LineState};
use centrale_call_control::{CallRecord, Outcome};
use centrale_rtp::relay::Side;
use centrale_sip::message::{HeaderName, Method};
use centrale_sip::sdp::Direction;

use crate::bench::{BOX, Bench, Leg, Sdp, Ua, audio};

fn at(place: &str) -> String {
    format!("<sip:{place}@{BOX}>")
}

/// Anna called Bram and has parked him at 701; he is on hold there. Chris is there too.
fn bram_is_parked() -> (Bench, Ua, Leg, Ua) {
    let mut bench = Bench::new();
    let (anna, bram, chris) = (bench.phone("201"), bench.phone("202"), bench.phone("203"));
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    assert_eq!(call.refer(&mut bench, &at("701")).status.code(), 202);
    assert_eq!(call.told(&mut bench), "terminated SIP/2.0 200 OK");
    call.expect_bye(&mut bench);
    ring.put_on_hold(&mut bench);
    bench.quiet();
    (bench, anna, ring, chris)
}

/// Somebody takes up what is parked, and both hear each other.
fn taken_up(bench: &mut Bench, ua: &Ua, place: &str, parked: &mut Leg) -> Leg {
    let mut taking = ua.call(bench, place);
    let answer = taking.expect(bench, 200);
    assert_eq!(audio(&answer.body).direction, Direction::SendRecv);
    taking.ack(bench);
    let told = parked.reconnected(bench);
    bench.quiet();
    for (side, leg, told) in [(Side::Caller, &*parked, &told.body), (Side::Callee, &taking, &answer.body)] {
        let media = bench.media.leg(side);
        assert_eq!(media.remote, Some((leg.sdp.ip, leg.sdp.port).into()));
        assert_eq!(audio(told).remote.unwrap().port(), media.local.port());
    }
    taking
}

fn parked_record(records: &[CallRecord]) -> &CallRecord {
    records.iter().find(|record| record.to == "701").unwrap_or_else(|| panic!("{records:?}"))
}

#[test]
fn a_parked_call_is_on_hold_and_taken_up_from_another_phone() {
    let (mut bench, _anna, mut parked, chris) = bram_is_parked();
    assert_eq!((bench.lamp("201"), bench.lamp("202")), (LineState::Idle, LineState::Busy));
    assert_eq!(bench.exchange.snapshot(bench.now).calls[0].state, CallState::Held);
    bench.seconds(60);
    let mut taking = taken_up(&mut bench, &chris, "701", &mut parked);
    taking.hang_up(&mut bench);
    parked.expect_bye(&mut bench);
    assert_eq!(bench.exchange.counters().parked, 1);
    let records = bench.over();
    let record = parked_record(&records);
    assert_eq!((record.from.as_str(), record.answered_by.as_deref()), ("202", Some("203")));
    assert_eq!((record.transferred_by.as_deref(), record.outcome), (Some("201"), Outcome::Answered));
}

#[test]
fn who_holds_a_call_and_dials_a_free_place_parks_it_there() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    let hold = call.sdp.then("sendonly");
    call.reinvite(&mut bench, Some(&hold));
    ring.expect_request(&mut bench, &Method::INVITE);
    ring.respond(&mut bench, 200, Some(&ring.sdp.then("recvonly")));
    ring.expect_ack(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    let mut dialling = anna.call(&mut bench, "702");
    assert_eq!(dialling.expect(&mut bench, 480).reason, "Parked At 702");
    call.expect_bye(&mut bench);
    ring.put_on_hold(&mut bench);
    let mut taking = taken_up(&mut bench, &anna, "702", &mut ring);
    ring.hang_up(&mut bench);
    taking.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_parked_call_that_was_refreshed_is_taken_up_and_heard() {
    let mut bench = Bench::new();
    let (anna, bram, chris) = (bench.phone("201"), bench.phone("202"), bench.phone("203"));
    let (mut call, mut parked) = bench.connect(&anna, "202", &bram);
    call.refer(&mut bench, &at("701"));
    call.told(&mut bench);
    call.expect_bye(&mut bench);
    parked.sdp = parked.sdp.then("recvonly");
    // The hold, and the refresh that the phone then wants of us.
    for _ in 0..2 {
        let asked = parked.expect_request(&mut bench, &Method::INVITE);
        assert_eq!(audio(&asked.body).direction, Direction::SendOnly);
        parked.respond_with(&mut bench, 200, "Session-Expires: 90;refresher=uac\r\n", Some(&parked.sdp));
        parked.expect_ack(&mut bench);
        bench.seconds(46);
    }
    parked.put_on_hold(&mut bench);
    let mut taking = taken_up(&mut bench, &chris, "701", &mut parked);
    taking.hang_up(&mut bench);
    parked.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn who_is_parked_and_changes_its_media_stays_on_hold_keeps_its_session_and_is_heard_when_taken_up() {
    let (mut bench, _anna, mut parked, chris) = bram_is_parked();
    let moved = Sdp { port: 30_000, ..parked.sdp.then("sendrecv") };
    // One that holds by itself is not sent anything.
    let table = [
        (Some(moved.clone()), Direction::SendOnly),
        (Some(moved.then("sendonly")), Direction::Inactive),
        (None, Direction::SendOnly),
    ];
    for (sdp, direction) in table {
        let draft = parked.draft(&mut bench, "INVITE").with("Supported", "timer");
        let draft = draft.with("Session-Expires", "90;refresher=uac");
        parked.reinvite_with(&mut bench, sdp.as_ref().map_or(draft.clone(), |sdp| draft.sdp(sdp)));
        let told = parked.expect(&mut bench, 200);
        assert_eq!(audio(&told.body).direction, direction);
        assert_eq!(told.headers.text(&HeaderName::SessionExpires).unwrap(), "90;refresher=uac");
        parked.ack(&mut bench);
        bench.seconds(30);
        bench.quiet();
    }
    let wrong = parked
        .draft(&mut bench, "INVITE")
        .body("application/sdp", "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nt=0 0\r\n".into());
    parked.reinvite_with(&mut bench, wrong);
    parked.expect(&mut bench, 488);
    parked.sdp = moved.then("recvonly");
    let mut taking = taken_up(&mut bench, &chris, "701", &mut parked);
    taking.hang_up(&mut bench);
    parked.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn who_is_parked_does_not_take_up_the_own_call() {
    let (mut bench, anna, mut parked, _chris) = bram_is_parked();
    let mut attempt = parked.ua.clone().call(&mut bench, "701");
    assert_eq!(attempt.expect(&mut bench, 480).reason, "Nothing Parked Here");
    let mut taking = taken_up(&mut bench, &anna, "701", &mut parked);
    taking.hang_up(&mut bench);
    parked.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn who_is_on_hold_and_hears_nothing_does_not_park_who_holds() {
    let mut bench = Bench::new();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    held_by(&mut bench, &mut call, &mut ring, "inactive");
    // As it answered, and as it says again by itself.
    for _ in 0..2 {
        let mut dialling = bram.call(&mut bench, "702");
        assert_eq!(dialling.expect(&mut bench, 480).reason, "Nothing Parked Here");
        held_by(&mut bench, &mut ring, &mut call, "inactive");
    }
    let mut dialling = anna.call(&mut bench, "702");
    assert_eq!(dialling.expect(&mut bench, 480).reason, "Parked At 702");
    call.expect_bye(&mut bench);
    ring.put_on_hold(&mut bench);
    ring.hang_up(&mut bench);
    bench.over();
}

#[test]
fn both_may_hold_and_each_parks_the_other() {
    for second_parks in [false, true] {
        let mut bench = Bench::new();
        let (anna, bram) = (bench.phone("201"), bench.phone("202"));
        let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
        held_by(&mut bench, &mut call, &mut ring, "recvonly");
        held_by(&mut bench, &mut ring, &mut call, "inactive");
        let (parks, mut gone, mut parked) = if second_parks { (&bram, ring, call) } else { (&anna, call, ring) };
        let mut dialling = parks.call(&mut bench, "702");
        assert_eq!(dialling.expect(&mut bench, 480).reason, "Parked At 702");
        gone.expect_bye(&mut bench);
        parked.put_on_hold(&mut bench);
        parked.hang_up(&mut bench);
        bench.over();
    }
}

/// One end holds the other, which answers so.
#[track_caller]
fn held_by(bench: &mut Bench, holder: &mut Leg, other: &mut Leg, answer: &'static str) {
    let hold = holder.sdp.then(if answer == "recvonly" { "sendonly" } else { "inactive" });
    holder.reinvite(bench, Some(&hold));
    other.expect_request(bench, &Method::INVITE);
    other.sdp = other.sdp.then(answer);
    other.respond(bench, 200, Some(&other.sdp));
    other.expect_ack(bench);
    holder.expect(bench, 200);
    holder.ack(bench);
}

#[test]
fn a_place_is_for_one_call_and_empty_after_it() {
    let (mut bench, anna, mut parked, chris) = bram_is_parked();
    let (mut call, mut ring) = bench.connect(&anna, "203", &chris);
    let response = call.refer(&mut bench, &at("701"));
    assert_eq!((response.status.code(), response.reason.as_str()), (486, "Place Is Taken"));
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    parked.hang_up(&mut bench);
    let mut attempt = chris.call(&mut bench, "701");
    assert_eq!(attempt.expect(&mut bench, 480).reason, "Nothing Parked Here");
    let records = bench.over();
    assert_eq!(parked_record(&records).outcome, Outcome::Abandoned);
}

#[test]
fn whom_nobody_takes_up_rings_back_until_somebody_answers() {
    let (mut bench, anna, mut parked, _chris) = bram_is_parked();
    bench.seconds(121);
    let mut back = anna.rung(&mut bench);
    assert_eq!(back.asked().headers.from().unwrap().uri.dialled().as_deref(), Some("202"));
    back.ring(&mut bench);
    bench.seconds(61);
    back.expect_cancelled(&mut bench);
    bench.seconds(121);
    back = anna.rung(&mut bench);
    back.pick_up(&mut bench);
    parked.reconnected(&mut bench);
    back.hang_up(&mut bench);
    parked.expect_bye(&mut bench);
    let records = bench.over();
    assert_eq!(parked_record(&records).answered_by.as_deref(), Some("201"));
}

#[test]
fn a_call_that_rings_back_is_still_taken_up_at_its_place() {
    let (mut bench, anna, mut parked, chris) = bram_is_parked();
    bench.seconds(121);
    let back = anna.rung(&mut bench);
    let mut taking = chris.call(&mut bench, "701");
    taking.expect(&mut bench, 200);
    taking.ack(&mut bench);
    back.expect_gone(&mut bench);
    parked.reconnected(&mut bench);
    taking.hang_up(&mut bench);
    parked.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_call_whom_nobody_ever_takes_up_is_hung_up_in_the_end() {
    let (mut bench, anna, mut parked, _chris) = bram_is_parked();
    for _ in 0..5 {
        bench.seconds(121);
        anna.rung(&mut bench).refuse(&mut bench, 486);
    }
    parked.expect_bye(&mut bench);
    let records = bench.over();
    assert_eq!(parked_record(&records).outcome, Outcome::NoAnswer);
}

#[test]
fn a_places_lamp_is_lit_while_it_is_taken() {
    let mut bench = Bench::new();
    let (anna, bram, chris) = (bench.phone("201"), bench.phone("202"), bench.phone("203"));
    let mut watch = chris.watch(&mut bench, "701");
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    call.refer(&mut bench, &at("701"));
    assert_eq!(watch.shows(&mut bench), ["recipient confirmed"]);
    call.told(&mut bench);
    call.expect_bye(&mut bench);
    ring.put_on_hold(&mut bench);
    ring.hang_up(&mut bench);
    assert_eq!(watch.shows(&mut bench), ["terminated"]);
    watch.refresh(&mut bench, 0);
    watch.expect(&mut bench);
    bench.over();
}

#[test]
fn who_is_taken_up_before_it_is_on_hold_is_connected_after_that() {
    let mut bench = Bench::new();
    let (anna, bram, chris) = (bench.phone("201"), bench.phone("202"), bench.phone("203"));
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    call.refer(&mut bench, &at("709"));
    call.told(&mut bench);
    call.expect_bye(&mut bench);
    let mut taking = chris.call(&mut bench, "709");
    taking.expect(&mut bench, 200);
    taking.ack(&mut bench);
    ring.put_on_hold(&mut bench);
    let told = ring.reconnected(&mut bench);
    assert_eq!(audio(&told.body).direction, Direction::SendRecv);
    bench.quiet();
    ring.hang_up(&mut bench);
    taking.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_phone_that_will_not_be_put_on_hold_waits_all_the_same() {
    let mut bench = Bench::new();
    let (anna, bram, chris) = (bench.phone("201"), bench.phone("202"), bench.phone("203"));
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    call.refer(&mut bench, &at("701"));
    call.told(&mut bench);
    call.expect_bye(&mut bench);
    ring.expect_request(&mut bench, &Method::INVITE);
    ring.refuse(&mut bench, 488);
    let mut taking = taken_up(&mut bench, &chris, "701", &mut ring);
    ring.hang_up(&mut bench);
    taking.expect_bye(&mut bench);
    bench.over();
}

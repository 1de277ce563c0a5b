//! What the ends of a call hear of the box itself, and for how long.

use centrale_call_control::{Cause, Outcome};
use centrale_rtp::relay::Side;
use centrale_rtp::sound::{Country, Encoding, Sound};
use centrale_sip::message::Method;
use centrale_sip::sdp::Direction;

use crate::bench::{BOX, Bench, Leg, OFFICE, OfficeText, Provider, Sdp, Ua, audio};

const RINGS: Sound = Sound::RingBack(Country::Netherlands);
const OVER: Sound = Sound::Refused(Country::Netherlands);

fn at(number: &str) -> String {
    format!("<sip:{number}@{BOX}>")
}

/// Anna called Bram and talks to him; Chris is there.
fn anna_talks_to_bram() -> (Bench, Leg, Leg, Ua) {
    let mut bench = Bench::new();
    let (anna, bram, chris) = (bench.phone("201"), bench.phone("202"), bench.phone("203"));
    let (call, ring) = bench.connect(&anna, "202", &bram);
    (bench, call, ring, chris)
}

/// Anna hands Bram on to Chris, whose phone has not rung yet.
fn anna_hands_bram_on() -> (Bench, Leg, Leg, Leg) {
    let (mut bench, mut call, ring, chris) = anna_talks_to_bram();
    assert_eq!(call.refer(&mut bench, &at("203")).status.code(), 202);
    call.told(&mut bench);
    let at_chris = chris.rung(&mut bench);
    (bench, call, ring, at_chris)
}

#[test]
fn who_is_parked_hears_that_somebody_will_come_from_when_it_says_so_until_somebody_comes() {
    let (mut bench, mut call, mut parked, chris) = anna_talks_to_bram();
    assert_eq!(bench.media.heard(), []);
    call.refer(&mut bench, &at("701"));
    call.told(&mut bench);
    call.expect_bye(&mut bench);
    assert_eq!(bench.media.heard(), [], "its phone does not know our port yet");
    parked.put_on_hold(&mut bench);
    assert_eq!(bench.media.heard(), [(Side::Caller, Sound::Hold)]);
    assert_eq!(bench.media.leg(Side::Caller).remote, Some((parked.sdp.ip, parked.sdp.port).into()));
    bench.seconds(121);
    call.ua.rung(&mut bench).refuse(&mut bench, 486);
    assert_eq!(bench.media.heard(), [(Side::Caller, Sound::Hold)], "also while it rings back");
    let mut taking = chris.call(&mut bench, "701");
    taking.expect(&mut bench, 200);
    taking.ack(&mut bench);
    assert_eq!(bench.media.heard(), []);
    parked.reconnected(&mut bench);
    taking.hang_up(&mut bench);
    parked.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_parked_phone_that_moves_hears_it_there_and_one_that_holds_by_itself_is_not_sent_anything() {
    let (mut bench, mut call, mut parked, _chris) = anna_talks_to_bram();
    call.refer(&mut bench, &at("701"));
    call.told(&mut bench);
    call.expect_bye(&mut bench);
    parked.put_on_hold(&mut bench);
    let moved = Sdp { port: 30_000, ..parked.sdp.then("sendrecv") };
    for (sdp, heard) in [
        (moved.then("sendonly"), vec![]),
        (moved.clone(), vec![(Side::Caller, Sound::Hold)]),
        (moved.then("inactive"), vec![]),
    ] {
        parked.reinvite(&mut bench, Some(&sdp));
        parked.expect(&mut bench, 200);
        parked.ack(&mut bench);
        assert_eq!(bench.media.heard(), heard, "{sdp}");
        assert_eq!(bench.media.leg(Side::Caller).remote.unwrap().port(), 30_000);
    }
    parked.hang_up(&mut bench);
    bench.over();
}

#[test]
fn who_is_handed_on_hears_it_ring_until_somebody_answers_or_nobody_does() {
    for answers in [true, false] {
        let (mut bench, mut call, mut ring, mut at_chris) = anna_hands_bram_on();
        assert_eq!(bench.media.heard(), [], "nothing rings yet, and Anna may still speak");
        at_chris.ring(&mut bench);
        call.told(&mut bench);
        assert_eq!(bench.media.heard(), [(Side::Callee, RINGS)]);
        if answers {
            at_chris.pick_up(&mut bench);
            call.told(&mut bench);
            call.expect_bye(&mut bench);
            ring.reconnected(&mut bench);
            assert_eq!(bench.media.heard(), []);
            at_chris.hang_up(&mut bench);
        } else {
            at_chris.refuse(&mut bench, 486);
            call.told(&mut bench);
            assert_eq!(bench.media.heard(), [], "Anna is heard again");
            call.hang_up(&mut bench);
        }
        ring.expect_bye(&mut bench);
        bench.over();
    }
}

#[test]
fn who_is_left_to_a_phone_that_rings_is_told_where_our_port_is_now_and_hears_how_far_that_is() {
    let (mut bench, mut call, mut ring, at_chris) = anna_hands_bram_on();
    call.hang_up(&mut bench);
    let told = ring.put_on_hold(&mut bench);
    assert_eq!(bench.media.heard(), [(Side::Caller, Sound::Hold)]);
    let media = bench.media.leg(Side::Caller);
    assert_eq!(audio(&told.body).remote, Some(media.local));
    assert_eq!(media.remote, Some((ring.sdp.ip, ring.sdp.port).into()));
    at_chris.ring(&mut bench);
    assert_eq!(bench.media.heard(), [(Side::Caller, RINGS)]);
    at_chris.pick_up(&mut bench);
    assert_eq!(bench.media.heard(), []);
    let told = ring.reconnected(&mut bench);
    assert_eq!(audio(&told.body).direction, Direction::SendRecv);
    bench.quiet();
    ring.hang_up(&mut bench);
    let mut at_chris = at_chris;
    at_chris.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_belgian_office_rings_as_belgium_does() {
    let mut bench = Bench::of(&OfficeText::belgian(OFFICE));
    let (anna, bram, chris) = (bench.phone("201"), bench.phone("202"), bench.phone("203"));
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    call.refer(&mut bench, &at("203"));
    call.told(&mut bench);
    let at_chris = chris.rung(&mut bench);
    at_chris.ring(&mut bench);
    call.told(&mut bench);
    assert_eq!(bench.media.heard(), [(Side::Callee, Sound::RingBack(Country::Belgium))]);
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    at_chris.expect_cancelled(&mut bench);
    bench.over();
}

/// Anna offers these payload types, Bram answers with those.
fn anna_and_bram_agree(offered: &'static str, answered: &'static str) -> (Bench, Leg, Leg, Ua) {
    let mut bench = Bench::new();
    let (anna, bram, chris) = (bench.phone("201"), bench.phone("202"), bench.phone("203"));
    let draft = anna.invite_draft(&mut bench, "202");
    let offer = Sdp { formats: offered, ..anna.sdp() };
    let mut call = anna.call_with(&mut bench, &draft.sdp(&offer));
    let mut ring = bram.rung(&mut bench);
    ring.sdp.formats = answered;
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    (bench, call, ring, chris)
}

fn made_in(bench: &Bench) -> Vec<(Encoding, u8)> {
    bench.media.speech().iter().map(|speech| (speech.encoding, speech.payload_type)).collect()
}

#[test]
fn a_sound_is_made_in_the_codec_that_the_phone_prefers_and_in_one_that_cannot_be_made_not_at_all() {
    for (codecs, made, missed) in [
        ("8 0 101", Some((Encoding::Pcma, 8)), 0),
        ("101 0 8", Some((Encoding::Pcmu, 0)), 0),
        ("9 8", Some((Encoding::G722, 9)), 0),
        ("18 8", None, 1),
    ] {
        let (mut bench, mut call, mut parked, _chris) = anna_and_bram_agree("0 8 9 18 101", codecs);
        call.refer(&mut bench, &at("701"));
        call.told(&mut bench);
        call.expect_bye(&mut bench);
        parked.put_on_hold(&mut bench);
        assert_eq!(made_in(&bench), Vec::from_iter(made), "{codecs}");
        assert_eq!(bench.exchange.counters().sounds_not_made, missed, "{codecs}");
        parked.hang_up(&mut bench);
        bench.over();
    }
}

#[test]
fn who_called_hears_sounds_in_the_codec_that_was_agreed_and_not_in_the_first_it_offered() {
    let (mut bench, mut call, mut ring, chris) = anna_and_bram_agree("18 0 8 101", "8 0 101");
    ring.refer(&mut bench, &at("203"));
    let at_chris = chris.rung(&mut bench);
    at_chris.ring(&mut bench);
    assert_eq!((bench.media.heard(), made_in(&bench)), (vec![(Side::Caller, RINGS)], vec![(Encoding::Pcma, 8)]));
    for _ in 0..2 {
        ring.told(&mut bench);
    }
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    at_chris.expect_cancelled(&mut bench);
    bench.over();
}

#[test]
fn a_warning_beeps_once_at_the_office_end_of_a_call_and_never_at_the_other() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let bram = bench.phone("202");
    let mut call = bram.call(&mut bench, "0612345678");
    let id = |bench: &Bench| bench.exchange.snapshot(bench.now).calls[0].id.clone();
    let mut far = provider.ua.rung(&mut bench);
    let name = id(&bench);
    assert!(!bench.warn(&name), "it has not been answered");
    far.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    assert!(bench.warn(&name) && !bench.warn("nobody's"));
    assert_eq!((std::mem::take(&mut bench.media.beeps), bench.media.heard()), (vec![Side::Caller], vec![]));
    // On hold it hears nothing that it did not ask for.
    let hold = call.sdp.then("inactive");
    call.reinvite(&mut bench, Some(&hold));
    far.expect_request(&mut bench, &Method::INVITE);
    far.respond(&mut bench, 200, Some(&far.sdp.then("inactive")));
    far.expect_ack(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    assert!(!bench.warn(&name));
    assert_eq!(bench.media.beeps, []);
    far.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    assert_eq!(crate::ended(bench), (Outcome::Answered, 0));
}

/// Bram's call to outside gave its channel to Anna's call for help; his phone still hears that it is over.
fn bram_makes_room() -> (Bench, Leg) {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let (ordinary, mut far) = bench.connect(&bram, "0612345678", &provider.ua);
    let draft = anna.invite_draft(&mut bench, "112");
    let mut help = Leg::calling(&anna, &mut bench, &draft);
    provider.ua.rung(&mut bench).refuse(&mut bench, 503);
    far.expect_bye(&mut bench);
    let mut at_help = provider.ua.rung(&mut bench);
    at_help.pick_up(&mut bench);
    help.expect(&mut bench, 200);
    help.ack(&mut bench);
    help.hang_up(&mut bench);
    at_help.expect_bye(&mut bench);
    (bench, ordinary)
}

#[test]
fn who_hears_that_a_call_is_over_may_hang_up_and_can_do_nothing_else_with_it() {
    let (mut bench, mut ordinary) = bram_makes_room();
    assert_eq!(bench.media.heard(), [(Side::Caller, OVER)]);
    let hold = ordinary.sdp.then("sendonly");
    ordinary.reinvite(&mut bench, Some(&hold));
    ordinary.expect(&mut bench, 491);
    assert_eq!(ordinary.refer(&mut bench, &at("203")).status.code(), 491);
    let info = ordinary.draft(&mut bench, "INFO").body("application/dtmf-relay", "Signal=5\r\n".into());
    assert_eq!(ordinary.ask(&mut bench, &info).status.code(), 200);
    bench.quiet();
    bench.seconds(1);
    ordinary.hang_up(&mut bench);
    let records = bench.over();
    let record = records.iter().find(|record| !record.emergency).unwrap();
    assert_eq!((record.outcome, record.trunk.as_deref()), (Outcome::Lost, Some("provider")));
    assert_eq!(record.ended, record.answered.unwrap(), "what came after was no call");
    assert_eq!(record.cause, Cause::NeededForHelp);
}

#[test]
fn a_call_that_came_in_makes_room_for_help_too_and_the_phone_that_was_called_hears_it() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    bench.find_interfaces();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let draft = provider.invite_draft(&mut bench, "+31201234568", "+31612345678");
    let mut customer = Leg::calling(&provider.ua, &mut bench, &draft);
    let mut ring = bram.rung(&mut bench);
    ring.pick_up(&mut bench);
    customer.expect(&mut bench, 200);
    customer.ack(&mut bench);
    let draft = anna.invite_draft(&mut bench, "112");
    let mut help = Leg::calling(&anna, &mut bench, &draft);
    provider.ua.rung(&mut bench).refuse(&mut bench, 503);
    customer.expect_bye(&mut bench);
    let mut at_help = provider.ua.rung(&mut bench);
    at_help.pick_up(&mut bench);
    help.expect(&mut bench, 200);
    help.ack(&mut bench);
    assert_eq!(bench.media.heard(), [(Side::Callee, OVER)]);
    assert_eq!(bench.trunk("provider").calls, 1, "help's own");
    bench.seconds(3);
    ring.expect_bye(&mut bench);
    at_help.hang_up(&mut bench);
    help.expect_bye(&mut bench);
    bench.over();
}

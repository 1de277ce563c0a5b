//! Conference rooms: who gets in, who hears whom, and that a room is no way round what somebody may not.

use centrale_call_control::incident::{About, Reached};
use centrale_call_control::view::CallState;
use centrale_call_control::{CallRecord, Cause, Command, Input, Outcome, Pressed, Stop};
use centrale_rtp::mixer::MOST_SEATS;
use centrale_rtp::relay::{Event, Key, MeetingId, Part, Side};
use centrale_rtp::sound::{Encoding, Sound};
use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, Method};
use centrale_sip::sdp::Direction;

use crate::bench::{Bench, Leg, OFFICE, Provider, Ua, audio};

/// A room for colleagues, and one that lets in who calls from outside and knows its PIN.
const ROOMS: &str = "[[conference]]\nnumber = \"600\"\nname = \"Board\"\n\
                     [[conference]]\nnumber = \"601\"\nname = \"Guests\"\npin = \"4711\"\noutside = true\n";

fn office() -> String {
    let office = OFFICE.replace("register = true\n", "register = true\nchannels = 9\n");
    office.replace("to = \"202\"", "to = \"601\"") + ROOMS
}

fn bench() -> (Bench, Provider, [Ua; 3]) {
    let mut bench = Bench::switched_off(&office(), (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    bench.find_interfaces();
    let phones = ["201", "202", "203"].map(|number| bench.phone(number));
    (bench, provider, phones)
}

/// Somebody is in a room without a PIN.
#[track_caller]
fn enters(bench: &mut Bench, phone: &Ua, room: &str) -> Leg {
    let mut call = phone.call(bench, room);
    call.expect(bench, 200);
    call.ack(bench);
    call
}

/// Keys are pressed by whoever is asked for a PIN.
fn types(bench: &mut Bench, keys: &str) {
    let asked = bench.media.keys.keys().next().copied();
    let (relay, side) = asked.expect("somebody's keys are told");
    for key in keys.chars() {
        bench.input(Input::Media(Event::Key { relay, side, key: Key(key) }));
    }
}

/// Somebody calls the number that leads to the room for guests.
fn calls_in(bench: &mut Bench, provider: &Provider, caller: &str) -> Leg {
    let draft = provider.invite_draft(bench, "+31201234568", caller);
    Leg::calling(&provider.ua, bench, &draft)
}

/// Somebody from outside is asked for the PIN of the room for guests, and types this.
#[track_caller]
fn answers(bench: &mut Bench, provider: &Provider, caller: &str, keys: &str) -> Leg {
    let mut call = calls_in(bench, provider, caller);
    call.expect(bench, 200);
    call.ack(bench);
    types(bench, keys);
    call
}

/// Somebody from outside has typed the PIN of the room for guests.
#[track_caller]
fn guest(bench: &mut Bench, provider: &Provider, caller: &str) -> Leg {
    answers(bench, provider, caller, "4711")
}

fn parts(bench: &Bench) -> Vec<Part> {
    bench.media.meeting.values().map(|(_, part)| *part).collect()
}

/// The only meeting, and how many are in it.
#[track_caller]
fn meeting(bench: &Bench) -> (MeetingId, usize) {
    let meetings: Vec<MeetingId> = bench.media.meeting.values().map(|(meeting, _)| *meeting).collect();
    assert!(meetings.windows(2).all(|pair| pair[0] == pair[1]), "{meetings:?}");
    (*meetings.first().expect("somebody meets"), meetings.len())
}

fn to(number: &str) -> String {
    crate::transfer::to(number)
}

fn of<'a>(records: &'a [CallRecord], from: &str, to: &str) -> &'a CallRecord {
    let record = records.iter().find(|record| (record.from.as_str(), record.to.as_str()) == (from, to));
    record.unwrap_or_else(|| panic!("no call from {from} to {to}: {records:?}"))
}

#[test]
fn whoever_dials_a_room_hears_everybody_in_it_in_g_711_and_each_record_says_the_room() {
    let (mut bench, _, [anna, bram, chris]) = bench();
    let mut first = anna.call(&mut bench, "600");
    let answer = first.expect(&mut bench, 200);
    first.ack(&mut bench);
    let names: Vec<String> = audio(&answer.body).codecs.iter().map(|codec| codec.name.to_string()).collect();
    assert!(!names.is_empty() && names.iter().all(|name| ["PCMA", "PCMU", "telephone-event"].contains(&&**name)));
    assert_eq!(audio(&answer.body).direction, Direction::SendRecv);
    let (begun, _) = meeting(&bench);
    let (mut second, mut third) = (enters(&mut bench, &bram, "600"), enters(&mut bench, &chris, "600"));
    assert_eq!(meeting(&bench), (begun, 3));
    let [part, ..] = parts(&bench)[..] else { panic!("somebody takes part") };
    assert_eq!((part.speech.encoding, part.speech.payload_type, part.payload_type), (Encoding::Pcma, 8, 8));
    assert!(parts(&bench).iter().all(|part| part.speaks && part.hears));
    let view = bench.exchange.snapshot(bench.now).calls;
    let shown: Vec<_> = view.iter().map(|call| (call.from.as_str(), &*call.to, &*call.to_name)).collect();
    assert_eq!(shown, [("201", "600", "Board"), ("202", "600", "Board"), ("203", "600", "Board")]);
    second.hang_up(&mut bench);
    assert_eq!(meeting(&bench), (begun, 2));
    third.hang_up(&mut bench);
    bench.quiet();
    assert_eq!(meeting(&bench), (begun, 1), "who is left hears that by the mixer");
    first.hang_up(&mut bench);
    let mut again = enters(&mut bench, &anna, "600");
    assert_ne!(meeting(&bench).0, begun, "another meeting");
    again.hang_up(&mut bench);
    let records = bench.over();
    assert_eq!(records.len(), 4);
    let record = of(&records, "202", "600");
    assert_eq!((record.outcome, record.cause), (Outcome::Answered, Cause::CallerHungUp));
    assert_eq!(record.legs.len(), 1);
    assert_eq!(record.legs[0].codec.as_deref(), Some("PCMA/8000"));
}

#[test]
fn who_holds_is_not_heard_and_comes_back_and_a_phone_with_srtp_or_without_an_offer_is_served_too() {
    let (mut bench, _, [anna, bram, _]) = bench();
    let (mut first, _second) = (enters(&mut bench, &anna, "600"), enters(&mut bench, &bram, "600"));
    let before = parts(&bench)[0];
    for (direction, flows) in [("sendonly", false), ("sendrecv", true), ("inactive", false), ("sendrecv", true)] {
        first.sdp = first.sdp.then(direction);
        let sdp = first.sdp.clone();
        first.reinvite(&mut bench, Some(&sdp));
        first.expect(&mut bench, 200);
        first.ack(&mut bench);
        let part = parts(&bench)[0];
        assert_eq!((part.speaks, part.hears), (flows, flows), "{direction}");
    }
    assert_eq!(parts(&bench)[0].speech.payload_type, before.speech.payload_type);
    assert_eq!(bench.exchange.snapshot(bench.now).calls[0].state, CallState::Talking);
    let tls = bench.phone_at("203", Transport::Tls, "192.168.1.33:5061");
    let draft = tls.invite_draft(&mut bench, "600").sdp(&tls.sdp().secured(1));
    let mut third = tls.call_with(&mut bench, &draft);
    let answer = third.expect(&mut bench, 200);
    third.ack(&mut bench);
    assert!(audio(&answer.body).profile.is_secure());
    assert_eq!(meeting(&bench).1, 3);
    let draft = bram.invite_draft(&mut bench, "600").without_body();
    bram.call_with(&mut bench, &draft).expect(&mut bench, 488);
}

#[test]
fn a_room_that_is_full_says_so_and_a_seat_that_comes_free_is_somebody_elses() {
    let (mut bench, _, [anna, bram, chris]) = bench();
    let mut calls: Vec<Leg> = (0..MOST_SEATS).map(|at| enters(&mut bench, [&anna, &bram][at % 2], "600")).collect();
    let refusal = chris.call(&mut bench, "600").expect(&mut bench, 486);
    assert_eq!(refusal.reason, "Room Is Full");
    assert_eq!(meeting(&bench).1, MOST_SEATS);
    calls[3].hang_up(&mut bench);
    enters(&mut bench, &chris, "600");
    assert_eq!(meeting(&bench).1, MOST_SEATS);
    assert_eq!(bench.exchange.counters().rooms_refused, 1);
}

#[test]
fn a_pin_is_asked_of_whoever_dials_and_three_wrong_ones_end_the_call_and_are_a_story() {
    let (mut bench, _, [anna, bram, _]) = bench();
    let mut call = enters(&mut bench, &anna, "601");
    assert!(bench.media.meeting.is_empty());
    assert_eq!(bench.media.heard(), [(Side::Caller, Sound::AskPin)]);
    types(&mut bench, "4712#");
    assert_eq!(bench.media.heard(), [(Side::Caller, Sound::WrongPin)]);
    types(&mut bench, "99*47");
    bench.quiet();
    types(&mut bench, "11");
    assert_eq!((meeting(&bench).1, bench.media.keys.len()), (1, 0), "no key counts any more");
    assert_eq!(bench.media.heard(), []);
    call.hang_up(&mut bench);
    let mut call = enters(&mut bench, &bram, "601");
    types(&mut bench, "1#2#");
    bench.quiet();
    types(&mut bench, "1#");
    call.expect_bye(&mut bench);
    assert!(bench.media.meeting.is_empty());
    assert_eq!(bench.exchange.counters().room_pins_wrong, 4);
    let story = bench.incidents.iter().rfind(|story| story.about == About::Account("202".into())).expect("a story");
    assert_eq!((story.tried[0].0, story.reached), ("room-pin", Reached::Nothing));
    assert!(!format!("{:?}", bench.incidents).contains("4712"), "no PIN that was tried is repeated");
    let records = bench.over();
    let record = of(&records, "202", "601");
    assert_eq!((record.cause, record.reason), (Cause::Blocked, Some("room-pin")));
}

#[test]
fn who_begins_again_with_a_star_has_tried_and_who_never_ends_is_hung_up() {
    let (mut bench, provider, [anna, ..]) = bench();
    let mut call = answers(&mut bench, &provider, "+31612345678", "0000*0001*0002*");
    call.expect_bye(&mut bench);
    assert_eq!(bench.exchange.counters().room_pins_wrong, 3);
    assert!(bench.media.meeting.is_empty());
    let mut call = enters(&mut bench, &anna, "601");
    for _ in 0..11 {
        types(&mut bench, "1*");
        bench.seconds(8);
    }
    bench.quiet();
    bench.seconds(2);
    call.expect_bye(&mut bench);
}

#[test]
fn a_caller_who_shows_a_colleagues_number_takes_no_room_from_the_colleague() {
    let (mut bench, provider, [anna, ..]) = bench();
    for pins in ["1#2#3#", "4#5#6#"] {
        let mut call = answers(&mut bench, &provider, "201", pins);
        call.expect_bye(&mut bench);
    }
    bench.seconds(15 * 60);
    let mut call = answers(&mut bench, &provider, "201", "7#8#9#");
    call.expect_bye(&mut bench);
    bench.seconds(15 * 60);
    let mut call = answers(&mut bench, &provider, "201", "10#");
    call.hang_up(&mut bench);
    enters(&mut bench, &anna, "601");
    types(&mut bench, "4711");
    assert_eq!(meeting(&bench).1, 1);
}

#[test]
fn callers_who_are_asked_for_a_pin_take_no_colleagues_seat_and_a_room_that_closes_lets_none_of_them_in() {
    let (mut bench, provider, [anna, bram, _]) = bench();
    let mut asked: Vec<Leg> = Vec::new();
    for guest in 0..9 {
        let mut call = calls_in(&mut bench, &provider, &format!("+3161234567{guest}"));
        call.expect(&mut bench, 200);
        call.ack(&mut bench);
        asked.push(call);
    }
    bench.settle(&office().replace("to = \"601\"", "to = \"202\"").replace("outside = true\n", ""));
    types(&mut bench, "4711");
    assert!(bench.media.meeting.is_empty());
    for _ in 0..2 {
        enters(&mut bench, &anna, "600");
    }
    enters(&mut bench, &bram, "600");
    assert_eq!(meeting(&bench).1, 3);
}

#[test]
fn who_types_nothing_is_hung_up_and_who_stops_typing_has_typed_it() {
    let (mut bench, _, [anna, ..]) = bench();
    let mut call = enters(&mut bench, &anna, "601");
    types(&mut bench, "12");
    bench.seconds(10);
    assert_eq!(bench.exchange.counters().room_pins_wrong, 1);
    bench.seconds(19);
    bench.quiet();
    bench.seconds(1);
    call.expect_bye(&mut bench);
}

#[test]
fn who_calls_from_outside_needs_a_room_that_allows_it_its_pin_and_a_colleague_and_stays_no_longer_than_the_colleague() {
    let (mut bench, provider, [anna, ..]) = bench();
    let mut one = guest(&mut bench, &provider, "+31612345678");
    let mut two = guest(&mut bench, &provider, "+31612345679");
    assert!(bench.media.meeting.is_empty(), "two from outside are not connected by the office");
    assert_eq!(bench.media.heard(), [(Side::Caller, Sound::Hold), (Side::Caller, Sound::Hold)]);
    let mut colleague = enters(&mut bench, &anna, "601");
    types(&mut bench, "4711");
    assert_eq!(meeting(&bench).1, 3);
    assert_eq!(bench.media.heard(), []);
    colleague.hang_up(&mut bench);
    one.expect_bye(&mut bench);
    two.expect_bye(&mut bench);
    assert!(bench.media.meeting.is_empty());
    let mut waits = guest(&mut bench, &provider, "+31612345678");
    bench.seconds(599);
    bench.quiet();
    bench.seconds(1);
    waits.expect_bye(&mut bench);
    // The office closes the room to the outside: its number cannot lead there any more.
    bench.settle(&office().replace("to = \"601\"", "to = \"202\"").replace("outside = true\n", ""));
    let records = bench.over();
    let record = of(&records, "+31612345679", "601");
    assert_eq!((record.trunk.as_deref(), record.outcome), (Some("provider"), Outcome::Answered));
}

#[test]
fn six_pins_from_outside_close_the_room_to_the_outside_for_a_while_and_not_to_colleagues() {
    let (mut bench, provider, [anna, ..]) = bench();
    for (caller, pins) in [("+31612345678", "1#2#3#"), ("+31612345679", "4#5#6#")] {
        let mut call = answers(&mut bench, &provider, caller, pins);
        call.expect_bye(&mut bench);
    }
    calls_in(&mut bench, &provider, "+31612345670").expect(&mut bench, 403);
    let mut colleague = enters(&mut bench, &anna, "601");
    types(&mut bench, "4711");
    assert_eq!(meeting(&bench).1, 1);
    colleague.hang_up(&mut bench);
    bench.seconds(15 * 60);
    guest(&mut bench, &provider, "+31612345670");
}

#[test]
fn a_caller_is_handed_on_to_a_room_by_the_rules_of_that_room() {
    let (mut bench, _, [anna, bram, chris]) = bench();
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    let mut there = enters(&mut bench, &chris, "600");
    assert_eq!(call.refer(&mut bench, &to("600")).status.code(), 202);
    assert_eq!(call.told(&mut bench), "terminated SIP/2.0 200 OK");
    call.expect_bye(&mut bench);
    let told = ring.reconnected(&mut bench);
    assert_eq!(audio(&told.body).direction, Direction::SendRecv);
    bench.quiet();
    assert_eq!(meeting(&bench).1, 2);
    assert!(parts(&bench).iter().all(|part| part.speaks && part.hears));
    // Out of a room nobody is handed on.
    let refusal = ring.refer(&mut bench, &to("201"));
    assert_eq!((refusal.status.code(), refusal.reason.as_str()), (403, "Nobody To Hand On"));
    ring.hang_up(&mut bench);
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    assert_eq!(call.refer(&mut bench, &to("601")).status.code(), 202);
    call.told(&mut bench);
    call.expect_bye(&mut bench);
    ring.reconnected(&mut bench);
    assert_eq!(bench.media.heard(), [(Side::Caller, Sound::AskPin)]);
    types(&mut bench, "4711");
    assert_eq!(bench.media.meeting.len(), 2);
    ring.hang_up(&mut bench);
    there.hang_up(&mut bench);
    let records = bench.over();
    let record = of(&records, "202", "600");
    assert_eq!((record.transferred_by.as_deref(), record.outcome), (Some("201"), Outcome::Answered));
}

/// Somebody whom Anna called outside and Anna herself, who is in the room with Chris: whom she asks for it comes in her place.
fn brought_in(bench: &mut Bench, provider: &Provider, anna: &Ua, dialled: &str, in_the_room: bool) -> Leg {
    let call = anna.call(bench, dialled);
    let (mut call, mut outside) = bench.answered(call, &provider.ua);
    let mut asking = enters(bench, anna, "600");
    let (asked, named) = match in_the_room {
        true => (&mut asking, format!("<sip:{dialled}@{}?{}>", crate::bench::BOX, call.as_replaces())),
        false => (&mut call, format!("<sip:600@{}?{}>", crate::bench::BOX, asking.as_replaces())),
    };
    assert_eq!(asked.refer(bench, &named).status.code(), 202);
    assert_eq!(asked.told(bench), "terminated SIP/2.0 200 OK");
    call.expect_bye(bench);
    asking.expect_bye(bench);
    let told = outside.reconnected(bench);
    assert_eq!(audio(&told.body).direction, Direction::SendRecv);
    outside
}

#[test]
fn a_colleague_brings_somebody_in_whichever_of_both_calls_is_handed_on() {
    for in_the_room in [false, true] {
        let (mut bench, provider, [anna, _, chris]) = bench();
        let mut there = enters(&mut bench, &chris, "600");
        let mut outside = brought_in(&mut bench, &provider, &anna, "0612345679", in_the_room);
        bench.quiet();
        assert_eq!(meeting(&bench).1, 2);
        assert_eq!(bench.trunk("provider").calls, 1);
        there.hang_up(&mut bench);
        outside.expect_bye(&mut bench);
        let records = bench.over();
        let record = of(&records, "+31612345679", "600");
        assert_eq!((record.transferred_by.as_deref(), record.trunk.as_deref()), (Some("201"), Some("provider")));
        assert!(record.price.is_some(), "what is paid for goes along");
    }
}

#[test]
fn two_from_outside_in_one_room_talk_by_the_office_for_half_an_hour_at_most() {
    let (mut bench, provider, [anna, _, chris]) = bench();
    let mut there = enters(&mut bench, &chris, "600");
    let mut one = brought_in(&mut bench, &provider, &anna, "0612345679", false);
    let mut two = brought_in(&mut bench, &provider, &anna, "0612345670", false);
    assert_eq!(meeting(&bench).1, 3);
    bench.seconds(900);
    // Each session is refreshed by who agreed to.
    for leg in [&mut one, &mut two] {
        leg.reconnected(&mut bench);
    }
    let again = there.sdp.then("sendrecv");
    there.reinvite(&mut bench, Some(&again));
    there.expect(&mut bench, 200);
    there.ack(&mut bench);
    bench.seconds(29 * 60 - 900);
    assert!(bench.take_request(provider.ua.at, &Method::BYE).is_none());
    bench.seconds(61);
    for leg in [&mut one, &mut two] {
        let bye = leg.expect_request(&mut bench, &Method::BYE);
        leg.respond(&mut bench, 200, None);
        let reason = bye.headers.text(&HeaderName::Reason).unwrap_or_default().into_owned();
        assert_eq!(reason, "SIP;cause=403;text=\"Longest Call Is Over\"");
    }
    assert!(bench.media.beeps.len() >= 2, "who is there of the office hears it come");
    assert_eq!(meeting(&bench).1, 1);
}

/// Anna calls somebody outside and hands that one on into the room for guests: blindly, where the PIN is asked for, or by
/// bringing her own place there. Returns the answer to the REFER, and who was called.
#[track_caller]
fn hands_in(bench: &mut Bench, provider: &Provider, anna: &Ua, dialled: &str, blindly: bool) -> (u16, Leg) {
    let call = anna.call(bench, dialled);
    let (mut call, mut outside) = bench.answered(call, &provider.ua);
    let place = (!blindly).then(|| {
        let place = enters(bench, anna, "601");
        types(bench, "4711");
        place
    });
    let named = match &place {
        Some(place) => format!("<sip:601@{}?{}>", crate::bench::BOX, place.as_replaces()),
        None => to("601"),
    };
    let answer = call.refer(bench, &named);
    if answer.status.code() != 202 {
        assert_eq!(answer.reason, "Too Many Sent Outside");
        for mut own in place.into_iter().chain([call]) {
            own.hang_up(bench);
        }
        outside.expect_bye(bench);
        return (answer.status.code(), outside);
    }
    assert_eq!(call.told(bench), "terminated SIP/2.0 200 OK");
    call.expect_bye(bench);
    place.into_iter().for_each(|mut place| place.expect_bye(bench));
    outside.reconnected(bench);
    if blindly {
        types(bench, "4711");
    }
    (202, outside)
}

fn stranger(at: usize) -> String {
    format!("06{:08}", 12_345_678 + at * 1_371_371)
}

#[test]
fn a_082_whom_the_office_called_and_brings_into_a_room_is_sent_on_once_somebody_else_from_outside_is_there() {
    for blindly in [true, false] {
        let (mut bench, provider, [anna, _, chris]) = bench();
        let mut host = enters(&mut bench, &chris, "601");
        types(&mut bench, "4711");
        for at in 0..7 {
            let (status, mut called) = hands_in(&mut bench, &provider, &anna, &stranger(20 + at), blindly);
            assert_eq!(status, 202);
            bench.seconds(20);
            called.hang_up(&mut bench);
        }
        assert!(!bench.has_problem("use-transit", "201"), "who is alone with colleagues is sent nowhere");
        let mut customer = guest(&mut bench, &provider, "+31201111111");
        assert_eq!(meeting(&bench).1, 2);
        for at in 0..10 {
            assert_eq!(bench.has_problem("use-transit", "201"), at >= 5, "{at}");
            let (status, mut called) = hands_in(&mut bench, &provider, &anna, &stranger(at), blindly);
            assert_eq!((status, meeting(&bench).1), (202, 3));
            bench.seconds(20);
            called.hang_up(&mut bench);
        }
        let (status, _) = hands_in(&mut bench, &provider, &anna, &stranger(10), blindly);
        assert_eq!((status, meeting(&bench).1), (403, 2));
        customer.hang_up(&mut bench);
        host.hang_up(&mut bench);
        bench.over();
    }
}

#[test]
fn a_082_it_makes_no_difference_who_of_both_from_outside_comes_into_the_room_last() {
    let (mut bench, provider, [anna, _, chris]) = bench();
    let mut host = enters(&mut bench, &chris, "601");
    types(&mut bench, "4711");
    for at in 0..10 {
        assert_eq!(bench.has_problem("use-transit", "201"), at >= 5, "{at}");
        let (_, mut called) = hands_in(&mut bench, &provider, &anna, &stranger(at), true);
        let mut customer = guest(&mut bench, &provider, "+31201111111");
        assert_eq!(meeting(&bench).1, 3);
        bench.seconds(20);
        customer.hang_up(&mut bench);
        called.hang_up(&mut bench);
    }
    let (status, mut called) = hands_in(&mut bench, &provider, &anna, &stranger(10), true);
    assert_eq!(status, 202);
    calls_in(&mut bench, &provider, "+31201111111").expect(&mut bench, 403);
    assert_eq!(meeting(&bench).1, 2, "no minute of two from outside whom the office did not mean to connect");
    called.hang_up(&mut bench);
    host.hang_up(&mut bench);
    bench.over();
}

#[test]
fn the_last_colleague_who_gives_the_own_place_to_somebody_outside_ends_the_meeting() {
    let (mut bench, provider, [anna, ..]) = bench();
    let call = anna.call(&mut bench, "0612345679");
    let (mut call, mut outside) = bench.answered(call, &provider.ua);
    let mut asking = enters(&mut bench, &anna, "600");
    let named = format!("<sip:600@{}?{}>", crate::bench::BOX, asking.as_replaces());
    assert_eq!(call.refer(&mut bench, &named).status.code(), 202);
    call.told(&mut bench);
    call.expect_bye(&mut bench);
    asking.expect_bye(&mut bench);
    outside.take(&mut bench, &Method::INVITE);
    outside.expect_bye(&mut bench);
    assert!(bench.media.meeting.is_empty());
}

#[test]
fn nobody_dials_out_of_a_room_and_no_transfer_into_it_reaches_what_its_sender_may_not() {
    let (mut bench, provider, [anna, bram, _]) = bench();
    let mut in_room = enters(&mut bench, &anna, "600");
    for refused in ["09001234567", "0612345678", "112", "203", "*97", "71"] {
        let refusal = in_room.refer(&mut bench, &to(refused));
        assert!(refusal.status.code() >= 400, "{refused}: {refusal:?}");
    }
    // Keys are for a PIN alone, and this room has none.
    assert!(bench.media.keys.is_empty());
    let (mut call, _ring) = bench.connect(&bram, "201", &anna);
    for refused in ["0900 1234 567", "+252612345678", "0044 1481 960 194"] {
        let refusal = call.refer(&mut bench, &to(&refused.replace(' ', "")));
        assert!(refusal.status.code() >= 400, "{refused}");
    }
    assert!(bench.take_request(provider.ua.at, &Method::INVITE).is_none(), "nothing left the office");
}

#[test]
fn who_was_left_colleagues_alone_leaves_a_room_with_somebody_from_outside_and_gets_into_none() {
    let (mut bench, provider, [anna, bram, chris]) = bench();
    let mut there = enters(&mut bench, &chris, "600");
    let _outside = brought_in(&mut bench, &provider, &anna, "0612345679", false);
    let _bram = enters(&mut bench, &bram, "600");
    let pressed = Pressed { by: "admin".into(), at_unix_ms: 1_795_860_000_000 };
    bench.command(Command::Stop { stop: Stop::of_word("person/203").unwrap(), pressed });
    there.expect_bye(&mut bench);
    assert_eq!(meeting(&bench).1, 2);
    assert_eq!(chris.call(&mut bench, "600").expect(&mut bench, 403).reason, "Only Colleagues For Now");
}

#[test]
fn a_room_that_is_taken_away_ends_for_everybody_in_it() {
    let (mut bench, _, [anna, bram, _]) = bench();
    let (mut one, mut two) = (enters(&mut bench, &anna, "600"), enters(&mut bench, &bram, "600"));
    bench.settle(&office().replace("[[conference]]\nnumber = \"600\"\nname = \"Board\"\n", ""));
    one.expect_bye(&mut bench);
    two.expect_bye(&mut bench);
    assert_eq!(of(&bench.over(), "201", "600").cause, Cause::OfficeChanged);
}

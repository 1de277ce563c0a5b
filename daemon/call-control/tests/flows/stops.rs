//! A person stops calls: what runs ends, what is asked for is refused, help passes, until a person takes that back.

use centrale_call_control::{CallRecord, Cause, Command, Outcome, Pressed, Stop, Told};
use centrale_sip::message::{HeaderName, Method};

use crate::bench::{Bench, Leg, OFFICE, Provider, Ua};

/// An office in which everybody may call the whole world over a provider that carries enough calls.
fn worldly() -> (Bench, Provider, [Ua; 3]) {
    let office = OFFICE.replace("sip_password", "calls = \"world\"\nsip_password");
    let office = office.replace("register = true\n", "register = true\nchannels = 9\n");
    let mut bench = Bench::switched_off(&office, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    bench.find_interfaces();
    let phones = ["201", "202", "203"].map(|number| bench.phone(number));
    (bench, provider, phones)
}

fn press(bench: &mut Bench, word: &str) {
    let stop = Stop::of_word(word).unwrap();
    let pressed = Pressed { by: "admin".into(), at_unix_ms: 1_795_860_000_000 };
    bench.command(Command::Stop { stop, pressed });
}

fn release(bench: &mut Bench, word: &str) {
    bench.command(Command::Release { stop: Stop::of_word(word).unwrap() });
}

/// A call to outside that is answered.
#[track_caller]
fn talk(bench: &mut Bench, phone: &Ua, provider: &Provider, dialled: &str) -> (Leg, Leg) {
    let draft = phone.invite_draft(bench, dialled);
    // Help is asked for no proof.
    let call = if dialled == "112" { Leg::calling(phone, bench, &draft) } else { phone.call_with(bench, &draft) };
    bench.answered(call, &provider.ua)
}

#[track_caller]
fn works(bench: &mut Bench, phone: &Ua, provider: &Provider, dialled: &str) {
    let (mut call, mut ring) = talk(bench, phone, provider, dialled);
    call.hang_up(bench);
    ring.expect_bye(bench);
}

#[track_caller]
fn refused(bench: &mut Bench, phone: &Ua, dialled: &str, words: &str) {
    assert_eq!(phone.call(bench, dialled).expect(bench, 403).reason, words, "{dialled}");
}

/// Somebody calls one of the office's numbers.
fn calls_in(bench: &mut Bench, provider: &Provider, number: &str) -> Leg {
    let draft = provider.invite_draft(bench, number, "+31612345678");
    Leg::calling(&provider.ua, bench, &draft)
}

/// The provider's end is told at once; the phone is hung up within two seconds, having heard that it is over.
#[track_caller]
fn ends(bench: &mut Bench, (call, ring): (&mut Leg, &mut Leg), words: &str) {
    let bye = ring.expect_request(bench, &Method::BYE);
    ring.respond(bench, 200, None);
    let reason = bye.headers.text(&HeaderName::Reason).unwrap_or_default().into_owned();
    assert_eq!(reason, format!("SIP;cause=403;text=\"{words}\""));
    bench.seconds(2);
    call.expect_bye(bench);
}

fn told(bench: &Bench) -> Vec<String> {
    let stops = |told: &Told| match told {
        Told::Stops(stops) => Some(stops.iter().map(|stop| format!("{} by {}", stop.stop, stop.by)).collect()),
        _ => None,
    };
    bench.told.iter().rev().find_map(stops).unwrap_or_default()
}

fn reason<'a>(records: &'a [CallRecord], to: &str) -> (&'a CallRecord, Option<&'static str>) {
    let record = records.iter().find(|record| record.to == to).unwrap();
    (record, record.reason)
}

#[test]
fn a_015_calls_out_stop_at_once_also_those_that_run_and_all_else_goes_on() {
    let (mut bench, provider, [anna, bram, chris]) = worldly();
    let (mut call, mut ring) = talk(&mut bench, &anna, &provider, "0301234567");
    let (mut help, mut helper) = talk(&mut bench, &chris, &provider, "112");
    let mut rings = bram.call(&mut bench, "004930123456");
    let at_provider = provider.ua.rung(&mut bench);
    at_provider.ring(&mut bench);
    rings.expect(&mut bench, 180);
    press(&mut bench, "outgoing");
    assert_eq!(told(&bench), ["outgoing by admin"]);
    // One rings: it is taken back, and its caller reads why.
    assert_eq!(rings.expect(&mut bench, 403).reason, "Calls Out Are Stopped");
    at_provider.expect_cancelled(&mut bench);
    ends(&mut bench, (&mut call, &mut ring), "Calls Out Are Stopped");
    for dialled in ["0612345678", "004930123456", "08001234"] {
        refused(&mut bench, &anna, dialled, "Calls Out Are Stopped");
    }
    bench.quiet();
    // Who asked for help talks on; help, helplines, colleagues and callers from outside get through.
    for dialled in ["112", "113", "09008844"] {
        works(&mut bench, &anna, &provider, dialled);
    }
    let (mut inside, mut called) = bench.connect(&anna, "202", &bram);
    inside.hang_up(&mut bench);
    called.expect_bye(&mut bench);
    let mut incoming = calls_in(&mut bench, &provider, "+31201234568");
    let mut at_bram = bram.rung(&mut bench);
    at_bram.pick_up(&mut bench);
    incoming.expect(&mut bench, 200);
    incoming.ack(&mut bench);
    // Nobody is handed on to outside either.
    assert_eq!(at_bram.refer(&mut bench, "sip:0612345678@192.168.1.10").reason, "Calls Out Are Stopped");
    incoming.hang_up(&mut bench);
    at_bram.expect_bye(&mut bench);
    help.hang_up(&mut bench);
    helper.expect_bye(&mut bench);
    release(&mut bench, "outgoing");
    assert_eq!(told(&bench), [""; 0]);
    works(&mut bench, &anna, &provider, "0301234567");
    let records = bench.over();
    let (ended, why) = reason(&records, "+31301234567");
    assert_eq!((ended.outcome, ended.cause, why), (Outcome::Answered, Cause::Page, Some("calls-stopped")));
    let (rang, why) = reason(&records, "+4930123456");
    assert_eq!((rang.outcome, why), (Outcome::Blocked, Some("calls-stopped")));
}

#[test]
fn a_015_calls_abroad_stop_and_those_inside_the_country_do_not() {
    let (mut bench, provider, [anna, bram, chris]) = worldly();
    let (mut abroad, mut german) = talk(&mut bench, &anna, &provider, "004930123456");
    let (mut inland, mut customer) = talk(&mut bench, &bram, &provider, "0301234567");
    press(&mut bench, "abroad");
    ends(&mut bench, (&mut abroad, &mut german), "Calls Abroad Are Stopped");
    refused(&mut bench, &chris, "004930123456", "Calls Abroad Are Stopped");
    works(&mut bench, &chris, &provider, "0612345678");
    inland.hang_up(&mut bench);
    customer.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_015_a_call_that_was_handed_on_still_ends_with_what_it_was_placed_for() {
    let (mut bench, provider, [anna, bram, _]) = worldly();
    let (mut call, mut german) = talk(&mut bench, &anna, &provider, "004930123456");
    assert_eq!(call.refer(&mut bench, "sip:202@192.168.1.10").status.code(), 202);
    call.told(&mut bench);
    let mut at_bram = bram.rung(&mut bench);
    at_bram.pick_up(&mut bench);
    call.told(&mut bench);
    call.expect_bye(&mut bench);
    german.reconnected(&mut bench);
    press(&mut bench, "person/201");
    ends(&mut bench, (&mut at_bram, &mut german), "Only Colleagues For Now");
    bench.over();
}

#[test]
fn a_015_who_is_isolated_reaches_colleagues_and_help_and_nobody_outside_by_any_way() {
    let (mut bench, provider, [anna, bram, chris]) = worldly();
    let mut incoming = calls_in(&mut bench, &provider, "+31201234568");
    let mut at_bram = bram.rung(&mut bench);
    at_bram.pick_up(&mut bench);
    incoming.expect(&mut bench, 200);
    incoming.ack(&mut bench);
    press(&mut bench, "person/202");
    ends(&mut bench, (&mut at_bram, &mut incoming), "Only Colleagues For Now");
    refused(&mut bench, &bram, "0612345678", "Only Colleagues For Now");
    works(&mut bench, &anna, &provider, "0612345678");
    // His number does not ring, and of the shop only Anna does.
    calls_in(&mut bench, &provider, "+31201234568").expect(&mut bench, 480);
    let mut shop = calls_in(&mut bench, &provider, "+31201234567");
    let mut at_anna = anna.rung(&mut bench);
    bench.quiet();
    // He takes nobody outside over, neither while it rings nor handed on.
    assert_eq!(bram.call(&mut bench, "*8201").expect(&mut bench, 403).reason, "Only Colleagues For Now");
    at_anna.pick_up(&mut bench);
    shop.expect(&mut bench, 200);
    shop.ack(&mut bench);
    assert_eq!(at_anna.refer(&mut bench, "sip:202@192.168.1.10").status.code(), 480);
    let (mut asks, mut asked) = bench.connect(&anna, "202", &bram);
    let consulted = format!("<sip:202@192.168.1.10?{}>", asks.as_replaces());
    assert_eq!(at_anna.refer(&mut bench, &consulted).reason, "Only Colleagues For Now");
    asks.hang_up(&mut bench);
    asked.expect_bye(&mut bench);
    // Nor from a park place.
    assert_eq!(at_anna.refer(&mut bench, "sip:701@192.168.1.10").status.code(), 202);
    at_anna.told(&mut bench);
    at_anna.expect_bye(&mut bench);
    shop.put_on_hold(&mut bench);
    assert_eq!(bram.call(&mut bench, "701").expect(&mut bench, 403).reason, "Only Colleagues For Now");
    shop.hang_up(&mut bench);
    let (mut inside, mut called) = bench.connect(&chris, "202", &bram);
    inside.hang_up(&mut bench);
    called.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_015_help_calls_back_whom_somebody_isolated() {
    let (mut bench, provider, [_, bram, _]) = worldly();
    press(&mut bench, "person/202");
    works(&mut bench, &bram, &provider, "112");
    let mut back = calls_in(&mut bench, &provider, "+31201234568");
    let mut at_bram = bram.rung(&mut bench);
    at_bram.pick_up(&mut bench);
    back.expect(&mut bench, 200);
    back.ack(&mut bench);
    bench.seconds(60);
    back.hang_up(&mut bench);
    at_bram.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_stop_that_comes_while_a_group_rings_leaves_the_others_ringing() {
    let (mut bench, provider, [anna, bram, _]) = worldly();
    let mut shop = calls_in(&mut bench, &provider, "+31201234567");
    let (mut at_anna, at_bram) = (anna.rung(&mut bench), bram.rung(&mut bench));
    at_bram.ring(&mut bench);
    shop.expect(&mut bench, 180);
    press(&mut bench, "person/202");
    at_bram.expect_cancelled(&mut bench);
    at_anna.pick_up(&mut bench);
    shop.expect(&mut bench, 200);
    shop.ack(&mut bench);
    shop.hang_up(&mut bench);
    at_anna.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_015_no_colleague_sends_who_is_isolated_outside() {
    let (mut bench, provider, [anna, bram, _]) = worldly();
    let mobile = "sip:0612345678@192.168.1.10";
    let sends_on = |bench: &mut Bench| {
        let call = bram.call(bench, "201");
        let at_anna = anna.rung(bench);
        at_anna.respond_with(bench, 302, &format!("Contact: <{mobile}>\r\n"), None);
        at_anna.expect_ack(bench);
        call
    };
    // The stop comes while it rings there: sent on, and handed on.
    let mut call = sends_on(&mut bench);
    let ring = provider.ua.rung(&mut bench);
    ring.ring(&mut bench);
    call.expect(&mut bench, 180);
    press(&mut bench, "person/202");
    assert_eq!(call.expect(&mut bench, 403).reason, "Only Colleagues For Now");
    ring.expect_cancelled(&mut bench);
    release(&mut bench, "person/202");
    let (mut call, mut at_anna) = bench.connect(&bram, "201", &anna);
    assert_eq!(at_anna.refer(&mut bench, mobile).status.code(), 202);
    at_anna.told(&mut bench);
    let ring = provider.ua.rung(&mut bench);
    ring.ring(&mut bench);
    at_anna.told(&mut bench);
    press(&mut bench, "person/202");
    ring.expect_cancelled(&mut bench);
    assert!(at_anna.told(&mut bench).contains(" 403 "));
    // The two of them talk on, and he is not handed on any more, except to who helps.
    assert_eq!(at_anna.refer(&mut bench, mobile).reason, "Only Colleagues For Now");
    assert_eq!(at_anna.refer(&mut bench, "sip:113@192.168.1.10").status.code(), 202);
    at_anna.told(&mut bench);
    let mut helper = provider.ua.rung(&mut bench);
    helper.pick_up(&mut bench);
    at_anna.told(&mut bench);
    at_anna.expect_bye(&mut bench);
    call.reconnected(&mut bench);
    call.hang_up(&mut bench);
    helper.expect_bye(&mut bench);
    assert_eq!(sends_on(&mut bench).expect(&mut bench, 403).reason, "Only Colleagues For Now");
    assert!(bench.take_request(provider.ua.at, &Method::INVITE).is_none(), "nothing reached the provider");
    bench.over();
}

#[test]
fn b_17_a_person_whose_calls_look_like_a_thiefs_has_the_dear_ones_held_until_somebody_lets_them_go() {
    let (mut bench, provider, [anna, bram, _]) = worldly();
    let (mut call, mut ring) = talk(&mut bench, &anna, &provider, "00212612345610");
    for number in 12..15 {
        assert!(bench.held.is_empty(), "one refusal is none");
        refused(&mut bench, &anna, &format!("002126123456{number}"), "One Call Abroad At Once");
    }
    assert_eq!(bench.held, ["201"]);
    // What was said gets lost: it is said again with the next one.
    refused(&mut bench, &anna, "00212612345615", "One Call Abroad At Once");
    assert_eq!(bench.held, ["201", "201"]);
    press(&mut bench, "paid/201");
    // What runs of the kind ends, and nothing of it begins; the rest goes on, and so do colleagues.
    ends(&mut bench, (&mut call, &mut ring), "Dear Calls Are Held");
    refused(&mut bench, &anna, "004930123456", "Dear Calls Are Held");
    works(&mut bench, &anna, &provider, "0612345678");
    works(&mut bench, &anna, &provider, "112");
    works(&mut bench, &bram, &provider, "004930123456");
    release(&mut bench, "paid/201");
    works(&mut bench, &anna, &provider, "003221234567");
    bench.over();
}

//! Who knows the office's PIN orders from a phone of the office what the page would do: to be let in there again, and to stop calls.

use centrale_call_control::incident::{About, Deed};
use centrale_call_control::{Command, Outcome, PhoneOrder, Stop};
use centrale_rtp::relay::Side;
use centrale_rtp::sound::Sound;
use centrale_sip::flow::Transport;

use crate::bench::{BOX, Bench, Leg, OFFICE, Ua};
use crate::keys::sends_event;

const PIN: &str = "830264";
const CODES: [&str; 4] = ["*91", "*92", "*93", "*90"];

fn office() -> String {
    OFFICE.replacen("[office]\n", &format!("[office]\npin = \"{PIN}\"\n"), 1)
}

fn bench() -> (Bench, Ua) {
    let mut bench = Bench::of(&office());
    let anna = bench.phone("201");
    (bench, anna)
}

/// A phone dials a code, is answered with a beep, and the keys are pressed.
#[track_caller]
fn types(bench: &mut Bench, phone: &Ua, code: &str, keys: &str) -> Leg {
    let mut call = phone.call(bench, code);
    call.expect(bench, 200);
    call.ack(bench);
    assert_eq!(bench.media.heard(), [(Side::Caller, Sound::Next)]);
    keys.chars().for_each(|key| sends_event(bench, key));
    call
}

/// The same to the end: what was heard.
#[track_caller]
fn tries(bench: &mut Bench, phone: &Ua, code: &str, keys: &str) -> Sound {
    let mut call = types(bench, phone, code, keys);
    let heard = bench.media.heard();
    let [(Side::Caller, sound)] = heard[..] else { panic!("{heard:?}") };
    bench.seconds(2);
    call.expect_bye(bench);
    sound
}

fn orders(bench: &mut Bench) -> Vec<PhoneOrder> {
    std::mem::take(&mut bench.ordered).into_iter().map(|ordered| ordered.order).collect()
}

#[test]
fn whoever_dials_a_code_in_the_office_and_types_the_pin_orders_what_it_stands_for_and_hears_that_it_is_done() {
    let (mut bench, anna) = bench();
    let orders =
        [PhoneOrder::PageAgain, PhoneOrder::Stop(Stop::Outgoing), PhoneOrder::Stop(Stop::Abroad), PhoneOrder::LetGo];
    for (code, order) in CODES.into_iter().zip(orders) {
        assert_eq!(tries(&mut bench, &anna, code, "830264#"), Sound::Done);
        let ordered = bench.ordered.pop().expect("it is ordered");
        assert_eq!((ordered.order, ordered.person.as_str(), ordered.name.as_str()), (order, "201", "Anna"));
        assert_eq!(ordered.from, anna.at);
    }
    assert_eq!((bench.ordered.len(), bench.incidents.len()), (0, 0));
    let records = bench.over();
    let told: Vec<_> = records.iter().map(|record| (record.to.as_str(), record.outcome)).collect();
    assert_eq!(told, CODES.map(|code| (code, Outcome::Answered)));
}

#[test]
fn a_phone_that_sends_its_keys_as_info_and_somebody_who_presses_no_hash_are_understood() {
    let (mut bench, anna) = bench();
    let draft = anna.invite_draft(&mut bench, "*92");
    let mut without = anna.sdp();
    without.formats = "8 0";
    let mut call = anna.call_with(&mut bench, &draft.sdp(&without));
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    for key in PIN.chars() {
        let info = call.draft(&mut bench, "INFO").body("application/dtmf", key.to_string());
        assert_eq!(call.ask(&mut bench, &info).status.code(), 200);
    }
    bench.seconds(4);
    assert_eq!(orders(&mut bench), []);
    bench.seconds(1);
    assert_eq!(orders(&mut bench), [PhoneOrder::Stop(Stop::Outgoing)]);
    bench.seconds(2);
    call.expect_bye(&mut bench);
    // Who presses nothing is hung up on.
    let mut call = types(&mut bench, &anna, "*92", "");
    bench.seconds(20);
    call.expect_bye(&mut bench);
    assert_eq!(orders(&mut bench), []);
    bench.over();
}

#[test]
fn a_wrong_pin_orders_nothing_the_third_is_a_story_and_then_even_the_right_one_waits_a_minute() {
    let (mut bench, anna) = bench();
    let bram = bench.phone("202");
    for wrong in ["830265#", "83026#", "83026483026483026483#"] {
        assert_eq!(bench.incidents.len(), 0, "{wrong}");
        assert_eq!(tries(&mut bench, &anna, "*92", wrong), Sound::NoMore);
    }
    let story = bench.incidents.last().expect("it is told");
    assert_eq!((story.about.clone(), story.tried[0].0), (About::Account("201".into()), "pin-guessing"));
    assert_eq!(story.done[0].0, Deed::TurnedAway);
    assert_eq!((story.sources.some[0].as_str(), story.targets.some[0].as_str()), ("192.168.1.101", "*92"));
    assert!(!format!("{story:?}").contains("83026"));
    assert_eq!(tries(&mut bench, &anna, "*92", "830264#"), Sound::NoMore, "as if it were wrong");
    assert_eq!(tries(&mut bench, &bram, "*92", "830264#"), Sound::Done, "nobody else waits");
    bench.seconds(60);
    assert_eq!(tries(&mut bench, &anna, "*93", "830264#"), Sound::Done);
    assert_eq!(orders(&mut bench), [PhoneOrder::Stop(Stop::Outgoing), PhoneOrder::Stop(Stop::Abroad)]);
    assert_eq!(bench.exchange.counters().pins_wrong, 3);
    bench.over();
}

#[test]
fn twenty_pins_a_day_are_looked_at_from_however_many_phones_and_none_of_another_day() {
    let (mut bench, anna) = bench();
    let bram = bench.phone("202");
    let chris = bench.phone("203");
    for round in 0..15 {
        for (number, phone) in [&anna, &bram, &chris].into_iter().enumerate() {
            assert_eq!(tries(&mut bench, phone, "*90", &format!("99{number}{round}#")), Sound::NoMore);
        }
        bench.seconds(61);
    }
    assert_eq!(bench.exchange.counters().pins_wrong, 20);
    bench.seconds(24 * 3_600);
    for phone in [&anna, &bram, &chris] {
        phone.register(&mut bench);
    }
    assert_eq!(tries(&mut bench, &anna, "*90", "830264#"), Sound::Done);
    bench.over();
}

#[track_caller]
fn refused(bench: &mut Bench, phone: &Ua, code: &str) {
    phone.call(bench, code).expect(bench, 403);
    assert!(bench.media.keys.is_empty(), "nobody listens to keys");
}

#[test]
fn a_phone_outside_one_that_is_not_registered_and_one_that_nobody_knows_get_as_far_as_no_pin() {
    let (mut bench, anna) = bench();
    for code in CODES {
        refused(&mut bench, &Ua::usual("203"), code);
        let stranger = Ua::new("201", Transport::Tcp, "198.51.100.66:40000");
        stranger.register(&mut bench);
        refused(&mut bench, &stranger, code);
    }
    // Somebody says of the one outside that it is the office's: it may call, and still it orders nothing.
    let asked = bench.problems().into_iter().find(|problem| problem.code == "phone-unknown").unwrap();
    bench.command(Command::Recognise { account: asked.subject, shown: asked.detail });
    let home = Ua::new("201", Transport::Tcp, "198.51.100.66:40000");
    for code in CODES {
        refused(&mut bench, &home, code);
    }
    assert_eq!((orders(&mut bench), bench.exchange.counters().codes_refused), (vec![], 8));
    assert_eq!(tries(&mut bench, &anna, "*92", "830264#"), Sound::Done);
    bench.over();
}

#[test]
fn nobody_is_transferred_sent_on_or_joined_to_a_code_and_an_office_without_a_pin_has_none() {
    let (mut bench, anna) = bench();
    let bram = bench.phone("202");
    let call = anna.call(&mut bench, "202");
    let (mut call, mut ring) = bench.answered(call, &bram);
    assert_eq!(call.refer(&mut bench, &format!("sip:*92@{BOX}")).status.code(), 404);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    let mut call = anna.call(&mut bench, "202");
    let ring = bram.rung(&mut bench);
    ring.respond_with(&mut bench, 302, &format!("Contact: <sip:*92@{BOX}>\r\n"), None);
    ring.expect_ack(&mut bench);
    call.expect(&mut bench, 480);
    assert!(bench.media.keys.is_empty());
    assert_eq!(orders(&mut bench), []);

    let mut bench = Bench::new();
    let anna = bench.phone("201");
    refused(&mut bench, &anna, "*92");
    bench.over();
}

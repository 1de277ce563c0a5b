//! A call that somebody allowed once where its person may not call.

use std::time::Duration;

use centrale_call_control::{ALLOWED_ONCE_FOR, Cap, Command, Input, Outcome, Pressed, Stop, Told};
use centrale_guard::Kept;
use centrale_sip::message::Method;

use crate::bench::{Bench, Leg, OFFICE, Provider, TUESDAY, Ua};
use crate::transfer::to;

const PARIS: &str = "+33140205050";
const NOBODY_MAY: &str = "Not Allowed For You";

fn office() -> (Bench, Provider, Ua) {
    let (mut bench, provider) = Bench::on_tuesday(OFFICE);
    let anna = bench.phone("201");
    (bench, provider, anna)
}

fn allow(bench: &mut Bench, number: &str) {
    let until = bench.now + ALLOWED_ONCE_FOR;
    bench.command(Command::AllowOnce { person: "201".into(), number: number.into(), until });
}

#[track_caller]
fn refused(bench: &mut Bench, phone: &Ua, dialled: &str, words: &str) {
    let mut call = phone.call(bench, dialled);
    assert_eq!(call.expect(bench, 403).reason, words);
}

/// That call gets through to the provider, and ends.
#[track_caller]
fn passes(bench: &mut Bench, provider: &Provider, phone: &Ua, dialled: &str) {
    let call = phone.call(bench, dialled);
    let (mut call, mut ring) = bench.answered(call, &provider.ua);
    call.hang_up(bench);
    ring.expect_bye(bench);
}

#[test]
fn b_017_a_call_that_was_allowed_once_is_one_call() {
    let (mut bench, provider, anna) = office();
    refused(&mut bench, &anna, PARIS, NOBODY_MAY);
    let record = bench.records.last().unwrap().id.clone();
    assert!(bench.told.contains(&Told::OutOfReach(record)), "it is said of which call");
    allow(&mut bench, PARIS);
    allow(&mut bench, PARIS);
    let call = anna.call(&mut bench, "0033140205050");
    let ring = provider.ua.rung(&mut bench);
    refused(&mut bench, &anna, PARIS, NOBODY_MAY);
    let (mut call, mut ring) = bench.picked_up(call, ring);
    refused(&mut bench, &anna, PARIS, NOBODY_MAY);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    refused(&mut bench, &anna, PARIS, NOBODY_MAY);
    assert_eq!(bench.over().iter().filter(|record| record.outcome == Outcome::Answered).count(), 1);
}

#[test]
fn b_017_it_is_that_persons_to_exactly_that_number_within_a_quarter_of_an_hour() {
    let (mut bench, provider, anna) = office();
    let bram = bench.phone("202");
    allow(&mut bench, PARIS);
    refused(&mut bench, &bram, PARIS, NOBODY_MAY);
    refused(&mut bench, &anna, "+331402050501", NOBODY_MAY);
    refused(&mut bench, &anna, "+3314020505", NOBODY_MAY);
    bench.advance(ALLOWED_ONCE_FOR.saturating_sub(Duration::from_secs(1)));
    passes(&mut bench, &provider, &anna, PARIS);
    let never = bench.now + 2 * ALLOWED_ONCE_FOR;
    bench.command(Command::AllowOnce { person: "201".into(), number: PARIS.into(), until: never });
    bench.advance(ALLOWED_ONCE_FOR);
    refused(&mut bench, &anna, PARIS, NOBODY_MAY);
    bench.over();
}

#[test]
fn b_017_neither_a_forward_nor_a_transfer_goes_there() {
    for (calls, number) in [("country", PARIS), ("inside", "+31612345678")] {
        let permit = format!("name = \"Anna\"\ncalls = \"{calls}\"\n");
        for set_in_the_office in [false, true] {
            let forward = if set_in_the_office { format!("forward = \"{number}\"\n") } else { String::new() };
            let (mut bench, provider) =
                Bench::on_tuesday(&OFFICE.replace("name = \"Anna\"\n", &format!("{permit}{forward}")));
            let (anna, bram) = (bench.phone("201"), bench.phone("202"));
            allow(&mut bench, number);
            let mut call = bram.call(&mut bench, "201");
            let ring = anna.rung(&mut bench);
            if set_in_the_office {
                ring.refuse(&mut bench, 486);
                call.expect(&mut bench, 486);
            } else {
                ring.respond_with(&mut bench, 302, &format!("Contact: <sip:{number}@192.168.1.10>\r\n"), None);
                ring.expect_ack(&mut bench);
                call.expect(&mut bench, 403);
            }
            let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
            assert_eq!(call.refer(&mut bench, &to(number)).status.code(), 403);
            call.hang_up(&mut bench);
            ring.expect_bye(&mut bench);
            assert!(bench.take_request(provider.ua.at, &Method::INVITE).is_none(), "{calls}");
            passes(&mut bench, &provider, &anna, number);
            bench.over();
        }
    }
}

#[test]
fn b_017_whatever_else_refuses_a_call_refuses_it_still() {
    let (mut bench, provider, anna) = office();
    allow(&mut bench, PARIS);
    let (stop, pressed) = (Stop::of_word("abroad").unwrap(), Pressed { by: "admin".into(), at_unix_ms: 0 });
    bench.command(Command::Stop { stop: stop.clone(), pressed });
    refused(&mut bench, &anna, PARIS, "Calls Abroad Are Stopped");
    let stopped = bench.records.last().unwrap().id.clone();
    assert!(!bench.told.contains(&Told::OutOfReach(stopped)), "allowing it does not help");
    bench.command(Command::Release { stop });
    passes(&mut bench, &provider, &anna, PARIS);
    bench.over();
    // The day's money is spent.
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    bench.input(Input::Clock(TUESDAY));
    let spent = Kept { name: Cap::Day.word().to_owned(), window: TUESDAY.day.into(), amount: u64::MAX / 4 };
    bench.input(Input::Kept(vec![spent]));
    bench.find_interfaces();
    let anna = bench.phone("201");
    allow(&mut bench, PARIS);
    let mut call: Leg = anna.call(&mut bench, PARIS);
    call.expect(&mut bench, 403);
    assert_eq!(bench.records.last().unwrap().reason, Some("spent-day"));
    assert!(bench.take_request(provider.ua.at, &Method::INVITE).is_none());
    bench.over();
}

#[test]
fn b_017_no_number_that_costs_extra_or_is_blocked_for_everybody_is_allowed_so() {
    let (mut bench, provider, anna) = office();
    for (number, words) in [
        ("+97912345678", "Destination Blocked"),
        ("+88161234567", "Destination Blocked"),
        ("+88212345678", "Destination Blocked"),
        ("+18761234567", "Destination Blocked"),
        ("+3290212345", "Destination Blocked"),
        ("+448712345678", NOBODY_MAY),
        ("09001234", "Costs Extra, Not Allowed"),
    ] {
        allow(&mut bench, number);
        refused(&mut bench, &anna, number, words);
    }
    assert!(bench.take_request(provider.ua.at, &Method::INVITE).is_none());
    bench.over();
}

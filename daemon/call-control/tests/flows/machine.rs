//! What only a machine dials, and calls of strangers that somebody sends through the office.

use std::time::Duration;

use centrale_call_control::{Input, Outcome};
use centrale_rtp::relay::{Event, Key};

use crate::bench::{Bench, Leg, OFFICE, Provider, Ua};
use crate::transfer::to;

fn office() -> (Bench, Provider, Ua) {
    let office = OFFICE.replace("register = true\n", "register = true\nchannels = 20\n");
    let (mut bench, provider) = Bench::on_tuesday(&office);
    let anna = bench.phone("201");
    (bench, provider, anna)
}

/// A call that is answered and lasts so many milliseconds, and the pause after it.
#[track_caller]
fn brief(bench: &mut Bench, anna: &Ua, provider: &Provider, dialled: &str, lasts: u64, pause: u64) {
    let call = anna.call(bench, dialled);
    let (mut call, mut ring) = bench.answered(call, &provider.ua);
    bench.advance(Duration::from_millis(lasts));
    call.hang_up(bench);
    ring.expect_bye(bench);
    bench.advance(Duration::from_millis(pause));
}

/// Something between nothing and `most` that no clock has.
fn uneven(index: u64, most: u64) -> u64 {
    index * index * 7_907 % most
}

fn number(index: u64) -> String {
    format!("0612{:06}", index * 7_919 % 1_000_000)
}

#[test]
fn a_007_nobody_redials_one_number_without_end_and_the_page_tells_who_tries() {
    let (mut bench, provider, anna) = office();
    for call in 0..12 {
        assert!(!bench.has_problem("use-one-number-again", "201"), "{call}");
        brief(&mut bench, &anna, &provider, "0612345678", 6_000 + uneven(call, 5_000), 20_000 + uneven(call, 9_000));
    }
    assert!(bench.has_problem("use-one-number-again", "201"));
    let mut next = anna.call(&mut bench, "+31612345678");
    assert_eq!(next.expect(&mut bench, 403).reason, "Called Too Often");
    let record = bench.records.last().unwrap();
    assert_eq!((record.outcome, record.reason), (Outcome::Blocked, Some("called-too-often")));
    brief(&mut bench, &anna, &provider, "0612345679", 30_000, 0);
    bench.seconds(600);
    assert!(!bench.has_problem("use-one-number-again", "201"));
    brief(&mut bench, &anna, &provider, "0612345678", 30_000, 0);
    bench.over();
}

#[test]
fn a_010_brief_calls_through_a_list_of_numbers_are_stopped_and_told_and_help_is_still_reached() {
    let (mut bench, provider, anna) = office();
    for call in 0..60 {
        if call % 20 == 0 {
            anna.register(&mut bench);
        }
        assert!(!bench.has_problem("use-machine", "201"), "{call}");
        brief(&mut bench, &anna, &provider, &number(call), 2_000 + uneven(call, 7_000), 5_000 + uneven(call, 9_000));
    }
    assert!(bench.has_problem("use-machine", "201"));
    let mut next = anna.call(&mut bench, "0301234567");
    assert_eq!(next.expect(&mut bench, 403).reason, "Too Many Brief Calls");
    let incident = bench.incidents.last().unwrap();
    assert!(incident.tried.iter().any(|(what, _)| *what == "machine-dialling"), "{incident:?}");
    brief(&mut bench, &anna, &provider, "113", 2_000, 1_000);
    let draft = anna.invite_draft(&mut bench, "112");
    let help = Leg::calling(&anna, &mut bench, &draft);
    let (mut help, mut ring) = bench.answered(help, &provider.ua);
    help.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_016_calls_at_the_same_distance_and_of_the_same_length_are_told_by_the_eighth() {
    let (mut bench, provider, anna) = office();
    for call in 0..8 {
        assert!(!bench.has_problem("use-clockwork", "201"), "{call}");
        let lasts = 5_000 * (98 + uneven(call, 5)) / 100;
        brief(&mut bench, &anna, &provider, &number(call), lasts, 30_000 - lasts);
    }
    assert!(bench.has_problem("use-clockwork", "201"));
    anna.register(&mut bench);
    brief(&mut bench, &anna, &provider, "0301234567", 60_000, 0);
    bench.seconds(3_600);
    assert!(!bench.has_problem("use-clockwork", "201"));
    bench.over();
}

#[test]
fn a_078_numbers_in_a_row_inside_the_country_are_told() {
    let (mut bench, provider, anna) = office();
    for call in 0..8 {
        assert!(!bench.has_problem("use-row", "201"), "{call}");
        let (lasts, pause) = (20_000 + uneven(call, 20_000), 5_000 + uneven(call, 9_000));
        brief(&mut bench, &anna, &provider, &format!("030765431{call}"), lasts, pause);
    }
    assert!(bench.problems().iter().any(|one| one.code == "use-row" && one.detail == "+313076543"));
    bench.over();
}

#[test]
fn a_078_more_calls_at_once_than_a_person_makes_are_told_while_they_last() {
    let (mut bench, provider, anna) = office();
    let mut calls: Vec<(Leg, Leg)> = Vec::new();
    for line in 0..6 {
        assert!(!bench.has_problem("use-at-once", "201"), "{line}");
        let call = anna.call(&mut bench, &number(line));
        calls.push(bench.answered(call, &provider.ua));
        bench.seconds(3 + line);
    }
    assert!(bench.problems().iter().any(|one| one.code == "use-at-once" && one.detail == "6"));
    for (mut call, mut ring) in calls {
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
    }
    assert!(!bench.has_problem("use-at-once", "201"));
    bench.over();
}

/// Somebody outside calls Bram, whose phone sends the caller to that number outside.
fn sent_on(bench: &mut Bench, provider: &Provider, bram: &Ua, dialled: &str) -> Leg {
    let caller = format!("+3120111{:04}", bench.serial() % 10_000);
    let draft = provider.invite_draft(bench, "+31201234568", &caller);
    let call = Leg::calling(&provider.ua, bench, &draft);
    let ring = bram.rung(bench);
    let contact = format!("Contact: <sip:{dialled}@192.168.1.10;user=phone>\r\n");
    ring.respond_with(bench, 302, &contact, None);
    ring.expect_ack(bench);
    call
}

#[test]
fn a_082_callers_from_outside_who_are_sent_out_again_to_ever_other_numbers_are_told_and_stopped() {
    let (mut bench, provider, _anna) = office();
    let bram = bench.phone("202");
    for call in 0..10 {
        assert_eq!(bench.has_problem("use-transit", "202"), call >= 5, "{call}");
        let mut call = sent_on(&mut bench, &provider, &bram, &number(call));
        provider.ua.rung(&mut bench).refuse(&mut bench, 486);
        call.expect(&mut bench, 486);
        bench.seconds(10);
    }
    let mut call = sent_on(&mut bench, &provider, &bram, "0688888888");
    call.expect(&mut bench, 480);
    assert_eq!(bench.records.last().unwrap().reason, Some("transit"));
    // Where callers went before they still go, and Bram calls whom he wants.
    let mut call = sent_on(&mut bench, &provider, &bram, &number(3));
    provider.ua.rung(&mut bench).refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    brief(&mut bench, &bram, &provider, "0688888888", 30_000, 0);
    bench.seconds(3_600);
    assert!(!bench.has_problem("use-transit", "202"));
    bench.over();
}

#[test]
fn a_082_a_caller_who_is_handed_on_by_transfer_counts_as_one_who_is_forwarded() {
    let (mut bench, provider, _anna) = office();
    let bram = bench.phone("202");
    for call in 0..10 {
        let mut call = sent_on(&mut bench, &provider, &bram, &number(call));
        provider.ua.rung(&mut bench).refuse(&mut bench, 486);
        call.expect(&mut bench, 486);
        bench.seconds(10);
    }
    let draft = provider.invite_draft(&mut bench, "+31201234568", "+31612345678");
    let mut call = Leg::calling(&provider.ua, &mut bench, &draft);
    let mut ring = bram.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    let refused = ring.refer(&mut bench, &to("0688888888"));
    assert_eq!((refused.status.code(), refused.reason.as_str()), (403, "Too Many Sent Outside"));
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_115_a_contact_of_the_office_and_one_mobile_all_day_are_no_strangers() {
    let contacts: String = (0..12)
        .map(|index| format!("[[contact]]\nname = \"Van {index}\"\nnumbers = [\"{}\"]\n", number(index)))
        .collect();
    let (mut bench, provider) = Bench::on_tuesday(&format!("{OFFICE}{contacts}"));
    let bram = bench.phone("202");
    for call in 0..24 {
        let dialled = if call % 2 == 0 { number(call / 2) } else { "0688888888".to_owned() };
        let mut call = sent_on(&mut bench, &provider, &bram, &dialled);
        provider.ua.rung(&mut bench).refuse(&mut bench, 486);
        call.expect(&mut bench, 486);
        bench.seconds(10);
    }
    assert!(!bench.has_problem("use-transit", "202"));
    bench.over();
}

#[test]
fn a_026_no_program_in_a_phone_sends_a_call_to_a_number_that_costs_extra() {
    let office = OFFICE.replace("name = \"Bram\"\n", "name = \"Bram\"\npremium = true\ncalls = \"world\"\n");
    let (mut bench, provider) = Bench::on_tuesday(&office);
    let bram = bench.phone("202");
    for dialled in ["09001234", "1850", "09091234"] {
        sent_on(&mut bench, &provider, &bram, dialled).expect(&mut bench, 480);
        assert_eq!(bench.records.last().unwrap().reason, Some("premium-barred"), "{dialled}");
    }
    // His own word, at his phone, is one.
    brief(&mut bench, &bram, &provider, "09001234", 30_000, 0);
    bench.over();
}

#[test]
fn a_007_a_contact_of_the_office_may_be_redialled_until_somebody_answers() {
    let contact = "[[contact]]\nname = \"Doctor\"\nnumbers = [\"020 111 22 33\"]\n";
    let (mut bench, provider) = Bench::on_tuesday(&format!("{OFFICE}{contact}"));
    let anna = bench.phone("201");
    for call in 0..20 {
        brief(&mut bench, &anna, &provider, "0201112233", 6_000 + uneven(call, 5_000), 10_000 + uneven(call, 9_000));
    }
    assert!(!bench.has_problem("use-one-number-again", "201"));
    bench.over();
}

#[test]
fn a_007_who_has_a_number_next_is_not_held_for_what_was_dialled_before() {
    let (mut bench, provider, _anna) = office();
    let chris = bench.phone("203");
    for call in 0..12 {
        brief(&mut bench, &chris, &provider, "0612345678", 6_000 + uneven(call, 5_000), 10_000 + uneven(call, 9_000));
    }
    assert!(bench.has_problem("use-one-number-again", "203"));
    let (before, after) = OFFICE.split_once("[[person]]\nnumber = \"203\"").unwrap();
    bench.settle(&format!("{before}[[trunk]]{}", after.split_once("[[trunk]]").unwrap().1));
    assert!(!bench.has_problem("use-one-number-again", "203"));
    bench.settle(OFFICE);
    let chris = bench.phone("203");
    brief(&mut bench, &chris, &provider, "0612345678", 6_000, 1_000);
    bench.over();
}

/// Whoever the room asks for its PIN knows it.
fn types_pin(bench: &mut Bench) {
    let (relay, side) = bench.media.keys.keys().next().copied().expect("the room asks for its PIN");
    for key in "4711".chars() {
        bench.input(Input::Media(Event::Key { relay, side, key: Key(key) }));
    }
}

#[test]
fn a_078_who_was_brought_into_a_room_is_no_call_of_its_own_and_a_call_that_was_handed_on_is_when_it_ends() {
    let office = OFFICE.replace("register = true\n", "register = true\nchannels = 20\n");
    let office =
        format!("{office}[[conference]]\nnumber = \"600\"\nname = \"Guests\"\npin = \"4711\"\noutside = true\n");
    let (mut bench, provider) = Bench::on_tuesday(&office);
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut calls: Vec<(Leg, Leg)> = Vec::new();
    for line in 0..6 {
        let call = anna.call(&mut bench, &number(line));
        calls.push(bench.answered(call, &provider.ua));
        bench.seconds(3 + line);
    }
    assert!(bench.has_problem("use-at-once", "201"));
    let (mut consulted, mut handed) = calls.remove(0);
    let asked = anna.call(&mut bench, "202");
    let (mut asked, mut bram) = bench.answered(asked, &bram);
    let named = format!("<sip:202@{}?{}>", crate::bench::BOX, asked.as_replaces());
    assert_eq!(consulted.refer(&mut bench, &named).status.code(), 202);
    assert_eq!(consulted.told(&mut bench), "terminated SIP/2.0 200 OK");
    consulted.expect_bye(&mut bench);
    asked.expect_bye(&mut bench);
    bram.reconnected(&mut bench);
    handed.reconnected(&mut bench);
    assert!(bench.has_problem("use-at-once", "201"));
    handed.hang_up(&mut bench);
    bram.expect_bye(&mut bench);
    assert!(!bench.has_problem("use-at-once", "201"), "five are left");
    let mut host = bench.phone("203").call(&mut bench, "600");
    host.expect(&mut bench, 200);
    host.ack(&mut bench);
    types_pin(&mut bench);
    let (mut brought, mut guest) = calls.remove(0);
    assert_eq!(brought.refer(&mut bench, &to("600")).status.code(), 202);
    assert_eq!(brought.told(&mut bench), "terminated SIP/2.0 200 OK");
    brought.expect_bye(&mut bench);
    guest.reconnected(&mut bench);
    types_pin(&mut bench);
    let fifth = anna.call(&mut bench, &number(6));
    calls.push(bench.answered(fifth, &provider.ua));
    assert!(!bench.has_problem("use-at-once", "201"), "who is in a room talks to the room");
    guest.hang_up(&mut bench);
    host.hang_up(&mut bench);
    for (mut call, mut ring) in calls {
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
    }
    bench.over();
}

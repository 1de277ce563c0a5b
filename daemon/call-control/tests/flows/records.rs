//! What is written down of a call beside its times: its class, why it ended, and each of its legs.

use std::time::Duration;

use centrale_call_control::{CallRecord, Cause, Command, Input, LegRecord, Outcome};
use centrale_numbering::{Class, Money};
use centrale_rtp::relay::Side;

use crate::bench::{BOX, Bench, Leg, OFFICE, OfficeText, Provider, Ua};

/// Anna calls a mobile phone, and its owner answers after three seconds.
fn anna_talks_to_outside() -> (Bench, Leg, Leg, Provider) {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let mut call = anna.call(&mut bench, "0612345678");
    let ring = provider.ua.rung(&mut bench);
    ring.ring(&mut bench);
    call.expect(&mut bench, 180);
    bench.seconds(3);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    (bench, call, ring, provider)
}

fn only(bench: Bench) -> CallRecord {
    let mut records = bench.over();
    assert_eq!(records.len(), 1, "{records:?}");
    records.remove(0)
}

/// Number, provider, whether the box called it, and whether it was answered, of each leg by side and number.
fn legs(record: &CallRecord) -> Vec<(&str, Option<&str>, bool, bool)> {
    let mut legs: Vec<&LegRecord> = record.legs.iter().collect();
    legs.sort_by_key(|leg| (leg.side, leg.number.as_str()));
    legs.iter().map(|leg| (leg.number.as_str(), leg.trunk.as_deref(), leg.placed, leg.answered.is_some())).collect()
}

#[test]
fn a_call_outside_is_two_legs_with_their_class_codec_and_times() {
    let (mut bench, mut call, mut ring, _) = anna_talks_to_outside();
    bench.seconds(60);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    let record = only(bench);
    assert_eq!((record.class, record.price, record.withheld), (Class::Mobile, Some(Money::from_cents(8)), false));
    assert_eq!(record.cause, Cause::CallerHungUp);
    assert_eq!(
        legs(&record),
        [("201", None, false, true), ("+31612345678", Some("provider"), true, true)],
        "the phone called, the provider was called"
    );
    let outside = record.legs.iter().find(|leg| leg.side == Side::Callee).unwrap();
    assert_eq!(outside.codec.as_deref(), Some("PCMA/8000"));
    assert_eq!(outside.answered.unwrap() - outside.started, Duration::from_secs(3));
    assert_eq!(outside.ended - outside.answered.unwrap(), Duration::from_secs(60));
    let phone = record.legs.iter().find(|leg| leg.side == Side::Caller).unwrap();
    assert_eq!(phone.account.as_deref(), Some("201"));
}

#[test]
fn every_phone_of_a_group_that_rang_is_a_leg_and_each_says_what_became_of_it() {
    let mut bench = Bench::new();
    let (anna, bram, chris) = (bench.phone("201"), bench.phone("202"), bench.phone("203"));
    let mut call = chris.call(&mut bench, "250");
    let (at_anna, mut at_bram) = (anna.rung(&mut bench), bram.rung(&mut bench));
    at_anna.refuse(&mut bench, 486);
    at_bram.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    at_bram.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    let record = only(bench);
    assert_eq!((record.class, record.cause), (Class::Internal, Cause::CalleeHungUp));
    assert_eq!(legs(&record), [("203", None, false, true), ("201", None, true, false), ("202", None, true, true)]);
    let busy = record.legs.iter().find(|leg| leg.number == "201").unwrap();
    assert_eq!((busy.status, busy.codec.as_deref()), (486, None));
}

#[test]
fn a_leg_that_is_handed_on_is_written_down_once_where_it_ends() {
    let (mut bench, mut call, mut ring, _) = anna_talks_to_outside();
    let bram = bench.phone("202");
    assert_eq!(call.refer(&mut bench, &format!("<sip:202@{BOX}>")).status.code(), 202);
    let mut at_bram = bram.rung(&mut bench);
    at_bram.pick_up(&mut bench);
    for _ in 0..2 {
        call.told(&mut bench);
    }
    call.expect_bye(&mut bench);
    ring.reconnected(&mut bench);
    bench.seconds(60);
    at_bram.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    let records = bench.over();
    let of = |from: &str| records.iter().find(|record| record.from == from).unwrap();
    let (first, second) = (of("201"), of("+31612345678"));
    assert_eq!((first.cause, second.cause), (Cause::HandedOn, Cause::CalleeHungUp));
    assert_eq!(legs(first), [("201", None, false, true)]);
    assert_eq!(legs(second), [("+31612345678", Some("provider"), true, true), ("202", None, true, true)]);
    let outside = second.legs.iter().find(|leg| leg.trunk.is_some()).unwrap();
    assert!(outside.started < second.started, "the provider counts from the first call on");
    assert_eq!(outside.ended, second.ended);
}

#[test]
fn who_or_what_ended_a_call_is_written_down() {
    let page = |bench: &mut Bench, _: &mut Leg, _: &mut Leg| {
        let id = bench.exchange.snapshot(bench.now).calls[0].id.clone();
        bench.command(Command::HangUp { call: id });
    };
    let removed = |bench: &mut Bench, _: &mut Leg, _: &mut Leg| bench.settle(&OfficeText::without_trunks());
    let silent = |bench: &mut Bench, _: &mut Leg, _: &mut Leg| bench.seconds(2 * 3600);
    type End = fn(&mut Bench, &mut Leg, &mut Leg);
    let stopped = |bench: &mut Bench, _: &mut Leg, _: &mut Leg| bench.input(Input::Stopping);
    let ends: [(Cause, End); 4] =
        [(Cause::Page, page), (Cause::OfficeChanged, removed), (Cause::PeerLost, silent), (Cause::BoxStopped, stopped)];
    for (cause, end) in ends {
        let (mut bench, mut call, mut ring, _) = anna_talks_to_outside();
        end(&mut bench, &mut call, &mut ring);
        bench.seconds(10);
        assert_eq!(bench.records.iter().map(|record| record.cause).collect::<Vec<_>>(), [cause]);
    }
}

/// a call without an end is ended at, and charged to, what was known last.
#[test]
fn a_019_what_is_known_of_a_call_is_kept_from_its_answer_until_its_record() {
    let (mut bench, mut call, mut ring, _) = anna_talks_to_outside();
    let answered = bench.now;
    let kept = |bench: &Bench| bench.journal.values().next().unwrap().clone();
    let first = kept(&bench);
    assert_eq!((first.outcome, first.cause, first.answered), (Outcome::Lost, Cause::BoxLost, Some(answered)));
    assert_eq!(legs(&first), [("201", None, false, true), ("+31612345678", Some("provider"), true, true)]);
    bench.seconds(80);
    let later = kept(&bench);
    assert!(bench.now - later.ended < Duration::from_secs(15), "a quarter of a minute is lost at most");
    assert!(later.legs.iter().all(|leg| leg.ended == later.ended));
    assert_eq!(later.price, Some(Money::from_cents(16)), "the second minute began");
    assert_eq!(bench.records, [], "no record is written of a call that lasts");
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    let journal = std::mem::take(&mut bench.journal);
    let record = only(bench);
    assert_eq!(journal.keys().collect::<Vec<_>>(), [&record.id], "its record takes the place of what was kept");
}

#[test]
fn a_stopped_box_ends_every_call_at_both_ends_also_one_for_help() {
    let (mut bench, mut call, mut ring, provider) = anna_talks_to_outside();
    let bram = bench.phone("202");
    let draft = bram.invite_draft(&mut bench, "112");
    let mut help = Leg::calling(&bram, &mut bench, &draft);
    let at_help = provider.ua.rung(&mut bench);
    at_help.pick_up(&mut bench);
    help.expect(&mut bench, 200);
    help.ack(&mut bench);
    let mut at_help = at_help;
    bench.input(Input::Stopping);
    for leg in [&mut call, &mut ring, &mut help, &mut at_help] {
        leg.expect_bye(&mut bench);
    }
    let records = bench.over();
    assert_eq!(records.iter().map(|record| record.cause).collect::<Vec<_>>(), [Cause::BoxStopped; 2]);
}

#[test]
fn a_call_that_never_began_says_why() {
    let cases = [
        ("09061234567", 403, Cause::Blocked, Class::PremiumPerMinute),
        ("202", 480, Cause::Unreachable, Class::Internal),
    ];
    for (number, status, cause, class) in cases {
        let mut bench = Bench::new();
        let anna = bench.phone("201");
        let mut call = anna.call(&mut bench, number);
        call.expect(&mut bench, status);
        let record = only(bench);
        assert_eq!((record.cause, record.class, record.legs.len()), (cause, class, 0), "{number}");
    }
}

/// the number of a caller who withholds it is in no record, so no export can hold it.
#[test]
fn a_102_a_withheld_number_is_never_written_down() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    bench.find_interfaces();
    let bram: Ua = bench.phone("202");
    let draft = provider.invite_draft(&mut bench, "+31201234568", "+31612345678");
    let draft = draft.with("P-Asserted-Identity", "<sip:+31612345678@provider>").with("Privacy", "id");
    let mut call = Leg::calling(&provider.ua, &mut bench, &draft);
    let ring = bram.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    let mut ring = ring;
    ring.expect_bye(&mut bench);
    let record = only(bench);
    assert!(record.withheld && record.from == "anonymous");
    assert!(!format!("{record:?}").contains("612345678"), "{record:?}");
}

//! Money: what is refused before it costs anything, and what ends when no more may be spent.

use std::time::Duration;

use centrale_call_control::{CallRecord, Command, Input, Outcome, Told};
use centrale_guard::{Cap, Civil, Proof};
use centrale_numbering::{Class, Money};
use centrale_rtp::relay::Side;
use centrale_sip::message::{HeaderName, Method};

use crate::bench::{BOX, Bench, Leg, OFFICE, OfficeText, Provider, TUESDAY, Ua};

/// The office of the stories, in which Anna may call numbers that cost extra, on a Tuesday morning.
fn premium_office() -> (Bench, Provider, Ua) {
    let office = OFFICE.replace("name = \"Anna\"\n", "name = \"Anna\"\npremium = true\n");
    let (mut bench, provider) = Bench::on_tuesday(&office);
    let anna = bench.phone("201");
    (bench, provider, anna)
}

/// The same with two providers.
fn premium_office_of_two() -> (Bench, Provider, Provider, Ua) {
    let office = OfficeText::with_second_trunk().replace("name = \"Anna\"\n", "name = \"Anna\"\npremium = true\n");
    let mut bench = Bench::switched_off(&office, (10_000, 10_199));
    let (first, second) = Provider::two(&mut bench);
    bench.find_interfaces();
    bench.input(Input::Clock(TUESDAY));
    let anna = bench.phone("201");
    (bench, first, second, anna)
}

/// A call to outside that is answered.
#[track_caller]
fn talk(bench: &mut Bench, phone: &Ua, provider: &Provider, dialled: &str) -> (Leg, Leg) {
    let call = phone.call(bench, dialled);
    bench.answered(call, &provider.ua)
}

/// Both ends are told why: the provider at once, the phone when it has heard that it is over.
#[track_caller]
fn ends_both(bench: &mut Bench, [phone, provider]: [&mut Leg; 2], words: &str) {
    for (leg, after) in [(provider, 3), (phone, 0)] {
        let bye = leg.expect_request(bench, &Method::BYE);
        leg.respond(bench, 200, None);
        let reason = bye.headers.text(&HeaderName::Reason).unwrap_or_default().into_owned();
        assert_eq!(reason, format!("SIP;cause=403;text=\"{words}\""));
        bench.seconds(after);
    }
}

fn is_warned(bench: &Bench) -> bool {
    bench.told.iter().any(|told| matches!(told, Told::Call(call) if call.ends_soon))
}

#[test]
fn a_087_what_a_person_may_not_call_is_refused_in_words_and_written_down() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    for (dialled, words, reason) in [
        ("09001234", "Costs Extra, Not Allowed", "premium-barred"),
        ("004930123456", "Not Allowed For You", "out-of-reach"),
        ("0018761234567", "Destination Blocked", "destination-blocked"),
        ("0971234567890", "Number Not Known", "number-unknown"),
    ] {
        let mut call = anna.call(&mut bench, dialled);
        let refused = call.expect(&mut bench, 403);
        assert_eq!(refused.reason, words);
        let said = refused.headers.text(&HeaderName::Reason).unwrap().into_owned();
        assert_eq!(said, format!("SIP;cause=403;text=\"{words}\""));
        let record = bench.records.last().unwrap();
        assert_eq!((record.outcome, record.reason, record.price), (Outcome::Blocked, Some(reason), None));
    }
    assert_eq!(bench.exchange.counters().calls_blocked, 4);
    assert!(bench.take_request(provider.ua.at, &Method::INVITE).is_none(), "nothing reached the provider");
    bench.over();
}

#[test]
fn while_nothing_can_be_written_down_no_call_is_made_that_a_cap_holds_and_all_others_are() {
    let (mut bench, provider, anna) = premium_office();
    let bram = bench.phone("202");
    bench.input(Input::Written(false));
    assert!(bench.has_problem("disk-fails", ""));
    let mut call = anna.call(&mut bench, "09001234");
    assert_eq!(call.expect(&mut bench, 503).reason, "Costs Cannot Be Noted");
    assert_eq!(bench.records.last().unwrap().reason, Some("spent-unwritten"));
    let (mut call, mut ring) = talk(&mut bench, &bram, &provider, "0612345678");
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    let draft = bram.invite_draft(&mut bench, "112");
    let mut help = Leg::calling(&bram, &mut bench, &draft);
    let mut ring = provider.ua.rung(&mut bench);
    ring.pick_up(&mut bench);
    help.expect(&mut bench, 200);
    help.ack(&mut bench);
    ring.hang_up(&mut bench);
    help.expect_bye(&mut bench);
    bench.input(Input::Written(true));
    assert!(!bench.has_problem("disk-fails", ""));
    let (mut call, mut ring) = talk(&mut bench, &anna, &provider, "09001234");
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_call_that_a_cap_holds_ends_when_its_minute_cannot_be_written_down_and_goes_on_when_it_can() {
    for mended in [false, true] {
        let (mut bench, provider, anna) = premium_office();
        let (mut call, mut ring) = talk(&mut bench, &anna, &provider, "09001234");
        bench.input(Input::Written(false));
        bench.seconds(40);
        assert!(is_warned(&bench));
        bench.input(Input::Written(mended));
        bench.seconds(19);
        if mended {
            bench.quiet();
            call.hang_up(&mut bench);
            ring.expect_bye(&mut bench);
        } else {
            for (leg, after) in [(&mut ring, 3), (&mut call, 0)] {
                leg.expect_bye(&mut bench);
                bench.seconds(after);
            }
            assert_eq!(bench.records[0].reason, Some("spent-unwritten"));
        }
        bench.over();
    }
}

#[test]
fn a_085_premium_call_ends_at_ten_minutes_and_both_ends_are_told() {
    let (mut bench, provider, anna) = premium_office();
    let (mut call, mut ring) = talk(&mut bench, &anna, &provider, "09001234");
    bench.seconds(568);
    assert!(!is_warned(&bench));
    assert_eq!(bench.media.beeps, []);
    bench.seconds(1);
    assert!(is_warned(&bench), "the page shows that it ends");
    bench.seconds(29);
    bench.quiet();
    assert_eq!(bench.media.beeps, [Side::Caller], "who pays hears it once, before the end");
    bench.seconds(1);
    ends_both(&mut bench, [&mut call, &mut ring], "Longest Call Is Over");
    let records = bench.over();
    let record = &records[0];
    assert_eq!((record.outcome, record.reason), (Outcome::Answered, Some("longest-call")));
    assert_eq!((record.class, record.price), (Class::PremiumPerMinute, Some(Money::from_cents(1_000))));
}

/// Who called holds, and resumes.
#[track_caller]
fn holds_and_resumes(bench: &mut Bench, call: &mut Leg, ring: &mut Leg) {
    for direction in ["sendonly", "sendrecv"] {
        let sdp = call.sdp.then(direction);
        call.reinvite(bench, Some(&sdp));
        ring.expect_request(bench, &Method::INVITE);
        ring.respond(bench, 200, Some(&ring.sdp));
        ring.expect_ack(bench);
        call.expect(bench, 200);
        call.ack(bench);
    }
}

#[test]
fn a_085_ten_minutes_stay_ten_minutes_through_hold_and_transfer() {
    let (mut bench, provider, anna) = premium_office();
    let bram = bench.phone("202");
    let (mut call, mut ring) = talk(&mut bench, &anna, &provider, "09001234");
    bench.seconds(200);
    holds_and_resumes(&mut bench, &mut call, &mut ring);
    bench.seconds(100);
    // She hands the called end to Bram.
    assert_eq!(call.refer(&mut bench, "sip:202@192.168.1.10").status.code(), 202);
    call.told(&mut bench);
    let mut at_bram = bram.rung(&mut bench);
    at_bram.pick_up(&mut bench);
    assert_eq!(call.told(&mut bench), "terminated SIP/2.0 200 OK");
    call.expect_bye(&mut bench);
    ring.reconnected(&mut bench);
    bench.seconds(298);
    bench.quiet();
    bench.seconds(1);
    ends_both(&mut bench, [&mut at_bram, &mut ring], "Longest Call Is Over");
    let records = bench.over();
    let prices: Vec<_> = records.iter().map(|record| record.price).collect();
    assert_eq!(
        prices,
        [Some(Money::ZERO), Some(Money::from_cents(1_000))],
        "paid once, on the record of the call that it ended in"
    );
}

/// What becomes of a call that Anna has with a premium number.
#[derive(Debug, Clone, Copy)]
enum Moved {
    /// The far end changes its media.
    ByTheProvider,
    /// To Chris, whom Anna asked first.
    ToWhoWasAsked,
    ParkedAndTakenUp,
    /// To Bram, for whom Chris picks up.
    PickedUp,
}

/// The phone that is in the call afterwards.
fn moved(bench: &mut Bench, way: Moved, anna: &Ua, mut call: Leg, ring: &mut Leg) -> Leg {
    let (bram, chris) = (bench.phone("202"), bench.phone("203"));
    match way {
        Moved::ByTheProvider => {
            let again = ring.sdp.then("sendrecv");
            ring.reinvite(bench, Some(&again));
            call.expect_request(bench, &Method::INVITE);
            call.respond(bench, 200, Some(&call.sdp));
            call.expect_ack(bench);
            ring.expect(bench, 200);
            ring.ack(bench);
            call
        }
        Moved::ToWhoWasAsked => {
            let (mut asking, mut at_chris) = bench.connect(anna, "203", &chris);
            let named = format!("<sip:203@{BOX}?{}>", asking.as_replaces());
            assert_eq!(call.refer(bench, &named).status.code(), 202);
            assert_eq!(call.told(bench), "terminated SIP/2.0 200 OK");
            call.expect_bye(bench);
            asking.expect_bye(bench);
            at_chris.reconnected(bench);
            ring.reconnected(bench);
            at_chris
        }
        Moved::ParkedAndTakenUp => {
            assert_eq!(call.refer(bench, &crate::transfer::to("701")).status.code(), 202);
            assert_eq!(call.told(bench), "terminated SIP/2.0 200 OK");
            call.expect_bye(bench);
            ring.put_on_hold(bench);
            bench.seconds(20);
            let mut taking = chris.call(bench, "701");
            taking.expect(bench, 200);
            taking.ack(bench);
            ring.reconnected(bench);
            taking
        }
        Moved::PickedUp => {
            assert_eq!(call.refer(bench, &crate::transfer::to("202")).status.code(), 202);
            call.told(bench);
            let at_bram = bram.rung(bench);
            let mut picking = chris.call(bench, "*8202");
            picking.expect(bench, 200);
            picking.ack(bench);
            at_bram.expect_gone(bench);
            assert_eq!(call.told(bench), "terminated SIP/2.0 200 OK");
            call.expect_bye(bench);
            ring.reconnected(bench);
            picking
        }
    }
}

#[test]
fn a_085_ten_minutes_stay_ten_minutes_whatever_becomes_of_the_call_and_beep_once_before_the_end() {
    for way in [Moved::ByTheProvider, Moved::ToWhoWasAsked, Moved::ParkedAndTakenUp, Moved::PickedUp] {
        let (mut bench, provider, anna) = premium_office();
        let (call, mut ring) = talk(&mut bench, &anna, &provider, "09001234");
        let answered = bench.now;
        bench.seconds(300);
        let mut inside = moved(&mut bench, way, &anna, call, &mut ring);
        let until = |seconds| answered + Duration::from_secs(seconds);
        bench.advance(until(598).saturating_duration_since(bench.now));
        bench.quiet();
        assert_eq!(bench.media.beeps.len(), 1, "{way:?}");
        bench.seconds(1);
        ends_both(&mut bench, [&mut inside, &mut ring], "Longest Call Is Over");
        assert_eq!(bench.media.beeps.len(), 1, "{way:?}");
        let spent: Money = bench.over().iter().filter_map(|record| record.price).sum();
        assert_eq!(spent, Money::from_cents(1_000), "{way:?}");
    }
}

#[test]
fn a_085_whom_a_colleague_brings_into_a_room_from_a_premium_number_stays_ten_minutes_from_the_answer() {
    let office = OFFICE.replace("name = \"Anna\"\n", "name = \"Anna\"\npremium = true\n");
    let (mut bench, provider) = Bench::on_tuesday(&(office + "[[conference]]\nnumber = \"600\"\nname = \"Board\"\n"));
    let (anna, chris) = (bench.phone("201"), bench.phone("203"));
    let [mut there, mut asking] = [&chris, &anna].map(|phone| {
        let mut call = phone.call(&mut bench, "600");
        call.expect(&mut bench, 200);
        call.ack(&mut bench);
        call
    });
    let (mut call, mut ring) = talk(&mut bench, &anna, &provider, "09001234");
    bench.seconds(300);
    let named = format!("<sip:600@{BOX}?{}>", asking.as_replaces());
    assert_eq!(call.refer(&mut bench, &named).status.code(), 202);
    assert_eq!(call.told(&mut bench), "terminated SIP/2.0 200 OK");
    call.expect_bye(&mut bench);
    asking.expect_bye(&mut bench);
    ring.reconnected(&mut bench);
    bench.seconds(298);
    bench.quiet();
    bench.seconds(1);
    let bye = ring.expect_request(&mut bench, &Method::BYE);
    ring.respond(&mut bench, 200, None);
    let reason = bye.headers.text(&HeaderName::Reason).unwrap_or_default().into_owned();
    assert_eq!(reason, "SIP;cause=403;text=\"Longest Call Is Over\"");
    there.hang_up(&mut bench);
    let spent: Money = bench.over().iter().filter_map(|record| record.price).sum();
    assert_eq!(spent, Money::from_cents(1_000));
}

#[test]
fn a_086_a_person_pays_fifty_euro_a_day_to_0905_whatever_becomes_of_each_call() {
    let office = OFFICE.replace("name = \"Anna\"\n", "name = \"Anna\"\npremium = true\n");
    let (mut bench, provider) = Bench::on_tuesday(&OfficeText::belgian(&office));
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    for cap in [Cap::Person, Cap::Hour, Cap::Day] {
        bench.command(Command::Raise { cap, to_cents: 10_000, hours: 10, proof: Proof::SecondFactor });
    }
    for round in 0..25 {
        let (mut call, mut ring) = talk(&mut bench, &anna, &provider, &format!("090512{round:03}"));
        bench.seconds(30);
        let mut inside = match round % 3 {
            0 => {
                holds_and_resumes(&mut bench, &mut call, &mut ring);
                call
            }
            1 => moved(&mut bench, Moved::ByTheProvider, &anna, call, &mut ring),
            _ => moved(&mut bench, Moved::PickedUp, &anna, call, &mut ring),
        };
        bench.seconds(90);
        inside.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
    }
    assert_eq!(anna.call(&mut bench, "090512345").expect(&mut bench, 403).reason, "Limit For Paid Numbers");
    // Nor by handing somebody on.
    let (mut call, mut at_bram) = bench.connect(&anna, "202", &bram);
    assert_eq!(call.refer(&mut bench, &crate::transfer::to("090512345")).status.code(), 403);
    call.hang_up(&mut bench);
    at_bram.expect_bye(&mut bench);
    assert!(bench.take_request(provider.ua.at, &Method::INVITE).is_none());
    let spent: Money = bench.over().iter().filter_map(|record| record.price).sum();
    assert_eq!(spent, Money::from_cents(5_000));
}

#[test]
fn a_036_a_call_ends_when_the_money_of_its_person_is_used() {
    let (mut bench, provider, anna) = premium_office();
    // Nine minutes of 0900 cost nine euro, and leave one for another.
    let (mut call, mut ring) = talk(&mut bench, &anna, &provider, "09001234");
    bench.seconds(500);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    let (mut call, mut ring) = talk(&mut bench, &anna, &provider, "09001234");
    bench.seconds(59);
    ends_both(&mut bench, [&mut call, &mut ring], "Your Limit Is Reached");
    let mut again = anna.call(&mut bench, "09001234");
    assert_eq!(again.expect(&mut bench, 403).reason, "Your Limit Is Reached");
    // Helplines and customers are called without money.
    for dialled in ["113", "0301234567"] {
        let (mut call, mut ring) = talk(&mut bench, &anna, &provider, dialled);
        bench.seconds(700);
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
    }
    // Everybody else calls on.
    let bram = bench.phone("202");
    let (mut call, mut ring) = talk(&mut bench, &bram, &provider, "0301234567");
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    let premium = |record: &&CallRecord| record.class == Class::PremiumPerMinute;
    let spent: Money = bench.over().iter().filter(premium).filter_map(|record| record.price).sum();
    assert!(spent <= Cap::Person.amount(), "{spent}");
}

#[test]
fn a_050_what_a_call_costs_is_shown_from_its_first_second_and_moves_while_it_lasts() {
    let (mut bench, provider, anna) = premium_office();
    let day = |bench: &Bench| {
        let told =
            bench.told.iter().rev().find_map(|told| if let Told::Costs(costs) = told { Some(costs) } else { None });
        told.map_or(0, |costs| costs.caps.iter().find(|cap| cap.cap == "day").expect("the day has a cap").used_cents)
    };
    assert_eq!(day(&bench), 0);
    let (mut call, mut ring) = talk(&mut bench, &anna, &provider, "09001234");
    bench.seconds(1);
    let first = day(&bench);
    assert!(first > 0);
    bench.seconds(120);
    assert!(day(&bench) >= first + 100, "a euro a minute");
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
}

#[test]
fn a_call_that_was_told_its_end_goes_on_when_its_cap_is_raised_and_the_page_says_so() {
    let (mut bench, provider, anna) = premium_office();
    let (mut call, mut ring) = talk(&mut bench, &anna, &provider, "09001234");
    bench.seconds(500);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    let (mut call, mut ring) = talk(&mut bench, &anna, &provider, "09001234");
    bench.seconds(30);
    assert!(is_warned(&bench));
    bench.command(Command::Raise { cap: Cap::Person, to_cents: 2_000, hours: 1, proof: Proof::SecondFactor });
    bench.told.clear();
    bench.seconds(60);
    bench.quiet();
    let mut shown =
        bench.told.iter().filter_map(|told| if let Told::Call(call) = told { Some(call.ends_soon) } else { None });
    assert_eq!(shown.next_back(), Some(false));
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_034_a_transfer_to_outside_is_paid_by_who_transfers() {
    let (mut bench, provider, anna) = premium_office();
    let bram = bench.phone("202");
    // Anna calls Bram, who hands her on to a number that she may call and he may not.
    let (mut at_anna, mut at_bram) = bench.connect(&anna, "202", &bram);
    assert_eq!(at_bram.refer(&mut bench, "sip:09001234@192.168.1.10").status.code(), 403);
    at_bram.hang_up(&mut bench);
    at_anna.expect_bye(&mut bench);
    // Bram calls Anna, and she hands him on to it.
    let (mut call, mut at_anna) = bench.connect(&bram, "201", &anna);
    assert_eq!(at_anna.refer(&mut bench, "sip:09001234@192.168.1.10").status.code(), 202);
    at_anna.told(&mut bench);
    let mut ring = provider.ua.rung(&mut bench);
    ring.pick_up(&mut bench);
    at_anna.told(&mut bench);
    at_anna.expect_bye(&mut bench);
    call.reconnected(&mut bench);
    assert!(bench.kept.contains_key("person/201") && !bench.kept.contains_key("person/202"));
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn b_021_a_call_with_both_ends_outside_lasts_half_an_hour() {
    let (mut bench, provider, anna) = premium_office();
    let (mut call, mut first) = talk(&mut bench, &anna, &provider, "0612345678");
    assert_eq!(call.refer(&mut bench, "sip:0301234567@192.168.1.10").status.code(), 202);
    call.told(&mut bench);
    let mut second = provider.ua.rung(&mut bench);
    second.pick_up(&mut bench);
    call.told(&mut bench);
    call.expect_bye(&mut bench);
    first.reconnected(&mut bench);
    // Both are asked now and then whether they are still there.
    for _ in 0..18 {
        bench.seconds(100);
        for leg in [&mut first, &mut second] {
            if let Some(asked) = bench.take_request(leg.ua.at, &Method::INVITE) {
                leg.asked = Some(asked);
                leg.respond(&mut bench, 200, Some(&leg.sdp));
                leg.expect_ack(&mut bench);
            }
        }
    }
    for leg in [&mut first, &mut second] {
        leg.expect_bye(&mut bench);
    }
    let records = bench.over();
    assert!(records.iter().any(|record| record.reason == Some("longest-call")), "{records:?}");
}

#[test]
fn what_was_spent_is_remembered_over_a_restart() {
    let (mut bench, provider, anna) = premium_office();
    let (mut call, mut ring) = talk(&mut bench, &anna, &provider, "09001234");
    bench.seconds(500);
    // The power fails in the middle of the call.
    let kept = bench.kept.values().cloned().collect();
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
    let (mut bench, provider, anna) = premium_office();
    bench.input(Input::Kept(kept));
    let (mut call, mut ring) = talk(&mut bench, &anna, &provider, "09001234");
    bench.seconds(59);
    ends_both(&mut bench, [&mut call, &mut ring], "Your Limit Is Reached");
    bench.over();
}

#[test]
fn a_call_that_nobody_answers_costs_nothing() {
    let (mut bench, provider, anna) = premium_office();
    for _ in 0..30 {
        let mut call = anna.call(&mut bench, "09001234");
        let ring = provider.ua.rung(&mut bench);
        ring.refuse(&mut bench, 486);
        call.expect(&mut bench, 486);
    }
    let records = bench.over();
    assert!(records.iter().all(|record| record.price == Some(Money::ZERO) && record.reason.is_none()));
}

/// What is kept of Anna's day.
fn spent_by_anna(bench: &Bench) -> Money {
    bench.kept.get("person/201").map_or(Money::ZERO, |kept| Money::from_ten_thousandths(kept.amount))
}

#[test]
fn an_answer_that_crosses_the_callers_hanging_up_is_paid_for() {
    for (answer, cost) in [(200, Money::from_cents(100)), (487, Money::ZERO)] {
        let (mut bench, provider, anna) = premium_office();
        let mut call = anna.call(&mut bench, "09001234");
        let mut ring = provider.ua.rung(&mut bench);
        ring.ring(&mut bench);
        call.expect(&mut bench, 180);
        call.cancel(&mut bench);
        call.expect(&mut bench, 487);
        ring.take(&mut bench, &Method::CANCEL);
        assert_ne!(spent_by_anna(&bench), Money::ZERO, "the provider has not said whether it was answered");
        ring.respond(&mut bench, answer, (answer == 200).then_some(&ring.sdp));
        ring.expect_ack(&mut bench);
        if answer == 200 {
            ring.expect_bye(&mut bench);
        }
        assert_eq!(spent_by_anna(&bench), cost);
        assert_eq!(bench.over()[0].price, Some(cost), "the record says so too");
    }
}

#[test]
fn a_record_waits_for_the_last_word_of_every_provider_that_may_want_money() {
    let (mut bench, first, second, anna) = premium_office_of_two();
    let call = anna.call(&mut bench, "09001234");
    let mut silent = first.ua.rung(&mut bench);
    bench.advance(Duration::from_millis(3_001));
    bench.given_up(call, &second.ua);
    bench.seconds(6);
    assert!(bench.records.is_empty(), "the first provider has not said anything yet");
    silent.pick_up(&mut bench);
    silent.expect_bye(&mut bench);
    assert_eq!(bench.records[0].price, Some(Money::from_cents(100)));
    while bench.take_request(first.ua.at, &Method::INVITE).is_some() {}
    assert_eq!(bench.over().len(), 1);
}

#[test]
fn a_provider_that_never_says_what_became_of_a_call_is_waited_for_and_then_costs_nothing() {
    let (mut bench, provider, anna) = premium_office();
    let mut call = anna.call(&mut bench, "09001234");
    provider.ua.rung(&mut bench);
    call.cancel(&mut bench);
    call.expect(&mut bench, 487);
    bench.lost.insert(provider.ua.at);
    bench.seconds(120);
    assert_eq!(spent_by_anna(&bench), Money::ZERO);
    bench.lost.clear();
    bench.over();
}

#[test]
fn a_silent_server_that_answers_after_all_is_paid_for_like_the_one_that_was_asked_instead() {
    let (mut bench, first, second, anna) = premium_office_of_two();
    let mut call = anna.call(&mut bench, "09001234");
    let mut silent = first.ua.rung(&mut bench);
    bench.advance(Duration::from_millis(3_001));
    let mut ring = second.ua.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    silent.pick_up(&mut bench);
    silent.expect_bye(&mut bench);
    while bench.take_request(first.ua.at, &Method::INVITE).is_some() {}
    bench.seconds(30);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(spent_by_anna(&bench), Money::from_cents(200));
    assert_eq!(bench.over()[0].price, Some(Money::from_cents(200)));
}

#[test]
fn a_destination_that_was_open_until_yesterday_stays_closed_whatever_the_clock_says() {
    let jamaica = "0018761234567";
    let open_until = |day: &str, clocks: &[Civil]| {
        let opened = format!("name = \"Anna\"\nopened = [{{ prefix = \"+1876\", until = \"{day}\" }}]\n");
        let mut bench = Bench::switched_off(&OFFICE.replace("name = \"Anna\"\n", &opened), (10_000, 10_199));
        let provider = Provider::new(&mut bench);
        bench.find_interfaces();
        clocks.iter().for_each(|clock| bench.input(Input::Clock(*clock)));
        (bench.phone("201"), bench, provider)
    };
    let (anna, mut bench, provider) = open_until("2026-11-24", &[TUESDAY]);
    let (mut call, mut ring) = talk(&mut bench, &anna, &provider, jamaica);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
    let monday = Civil { day: TUESDAY.day - 1, ..TUESDAY };
    let summer = Civil { day: 200, minute: 0 };
    for clocks in
        [&[TUESDAY][..], &[TUESDAY, monday], &[TUESDAY, Civil::default()], &[], &[Civil::default()], &[summer]]
    {
        let (anna, mut bench, _) = open_until("2026-11-23", clocks);
        let mut call = anna.call(&mut bench, jamaica);
        assert_eq!(call.expect(&mut bench, 403).reason, "Destination Blocked", "{clocks:?}");
        bench.over();
    }
}

/// Somebody abroad calls one of the office's numbers and hangs up before anybody can answer.
fn rings_once(bench: &mut Bench, provider: &Provider, called: &str, caller: &str) {
    let draft = provider.invite_draft(bench, called, caller);
    let call = Leg::calling(&provider.ua, bench, &draft);
    bench.seconds(3);
    call.cancel(bench);
    bench.seconds(40);
    while bench.take(provider.ua.at, |_| Some(())).is_some() {}
    for phone in ["201", "202", "203"] {
        let at = Ua::usual(phone).at;
        while bench.take(at, |_| Some(())).is_some() {}
    }
}

#[test]
fn b_23_who_rang_once_is_not_called_back_by_mistake_and_who_rang_at_two_numbers_not_at_all() {
    let office = OFFICE.replace("sip_password", "calls = \"world\"\nsip_password");
    let (mut bench, provider) = Bench::on_tuesday(&office);
    let (anna, _bram) = (bench.phone("201"), bench.phone("202"));
    let dial = |bench: &mut Bench, dialled: &str, words: &str| {
        assert_eq!(anna.call(bench, dialled).expect(bench, 403).reason, words, "{dialled}");
    };
    rings_once(&mut bench, &provider, "+31201234567", "+212612345678");
    dial(&mut bench, "00212612345678", "Rang Once: Call Again If Meant");
    assert_eq!(bench.records.last().unwrap().reason, Some("rang-once"));
    bench.seconds(5);
    let (mut call, mut ring) = talk(&mut bench, &anna, &provider, "00212612345678");
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    rings_once(&mut bench, &provider, "+31201234567", "+902121234567");
    rings_once(&mut bench, &provider, "+31201234568", "+902121234568");
    for _ in 0..3 {
        dial(&mut bench, "00902121234567", "Rang To Be Called Back");
        bench.seconds(5);
    }
    // Inside the country nobody is asked twice.
    rings_once(&mut bench, &provider, "+31201234567", "+31612345678");
    let (mut call, mut ring) = talk(&mut bench, &anna, &provider, "0612345678");
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
}

#[test]
fn b_23_a_customer_who_tried_two_numbers_is_called_again_once_somebody_spoke_to_them() {
    let office = OFFICE.replace("sip_password", "calls = \"world\"\nsip_password");
    let office = office
        .replace("name = \"Anna\"\n", "name = \"Anna\"\nopened = [{ prefix = \"+90\", until = \"2026-12-31\" }]\n");
    let (mut bench, provider) = Bench::on_tuesday(&office);
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let tries_two = |bench: &mut Bench, number: &str| {
        rings_once(bench, &provider, "+31201234567", number);
        rings_once(bench, &provider, "+31201234568", number);
    };
    let is_refused = |bench: &mut Bench, who: &Ua, dialled: &str| {
        assert_eq!(who.call(bench, dialled).expect(bench, 403).reason, "Rang To Be Called Back", "{dialled}");
    };
    let speaks = |bench: &mut Bench, who: &Ua, dialled: &str| {
        let (mut call, mut ring) = talk(bench, who, &provider, dialled);
        call.hang_up(bench);
        ring.expect_bye(bench);
        bench.seconds(40);
    };
    // For Anna somebody opened the country: she asks, and then everybody may.
    tries_two(&mut bench, "+902121234567");
    is_refused(&mut bench, &bram, "00902121234567");
    speaks(&mut bench, &anna, "00902121234567");
    speaks(&mut bench, &bram, "00902121234567");
    // One calls again, and is heard.
    tries_two(&mut bench, "+212612345678");
    is_refused(&mut bench, &bram, "00212612345678");
    let draft = provider.invite_draft(&mut bench, "+31201234568", "+212612345678");
    let call = Leg::calling(&provider.ua, &mut bench, &draft);
    let (mut call, mut ring) = bench.answered(call, &bram);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    speaks(&mut bench, &bram, "00212612345678");
}

#[test]
fn b_23_whoever_hangs_up_inside_the_country_takes_no_place_of_a_bait() {
    let office = OFFICE.replace("sip_password", "calls = \"world\"\nsip_password");
    let (mut bench, provider) = Bench::on_tuesday(&office);
    let anna = bench.phone("201");
    rings_once(&mut bench, &provider, "+31201234567", "+902121234567");
    for batch in 0..30 {
        let calls: Vec<Leg> = (0..20)
            .map(|number| {
                let draft =
                    provider.invite_draft(&mut bench, "+31201234567", &format!("+3161{batch:02}{number:02}000"));
                Leg::calling(&provider.ua, &mut bench, &draft)
            })
            .collect();
        bench.seconds(3);
        calls.iter().for_each(|call| call.cancel(&mut bench));
        bench.seconds(40);
        for at in [provider.ua.at, anna.at] {
            while bench.take(at, |_| Some(())).is_some() {}
        }
    }
    assert!(bench.records.iter().filter(|record| record.outcome == Outcome::Abandoned).count() > 512);
    assert_eq!(
        anna.call(&mut bench, "00902121234567").expect(&mut bench, 403).reason,
        "Rang Once: Call Again If Meant"
    );
}

//! A phone that answers 302: its person is to be called elsewhere.

use centrale_call_control::{Cause, Outcome};
use centrale_numbering::Money;
use centrale_sip::flow::Transport;
use centrale_sip::message::{HeaderName, Method, Request};

use crate::bench::{Bench, Draft, Leg, OFFICE, OfficeText, Provider, Ua};

const MOBILE: &str = "0612345678";

fn office() -> (Bench, Provider) {
    Bench::on_tuesday(OFFICE)
}

/// That phone rings, and says where its person is.
#[track_caller]
fn sends_on(bench: &mut Bench, phone: &Ua, to: &str) {
    let ring = phone.rung(bench);
    ring.respond_with(bench, 302, &format!("Contact: <{to}>\r\n"), None);
    ring.expect_ack(bench);
}

fn outside(number: &str) -> String {
    format!("sip:{number}@192.168.1.10;user=phone")
}

/// What of a person opens calls to where such numbers begin so.
fn opened(prefix: &str) -> String {
    format!("opened = [{{ prefix = \"{prefix}\", until = \"2099-12-31\" }}]\n")
}

/// Why an INVITE says that the office sent the call on: the reason in Diversion, and the cause in History-Info.
fn why(invite: &Request) -> (String, String) {
    let text = |name: &HeaderName| invite.headers.text(name).unwrap().into_owned();
    let (diversion, history) = (text(&HeaderName::Diversion), text(&HeaderName::HistoryInfo));
    assert!(diversion.contains("+31201234568") && history.contains("+31201234568"), "{diversion} {history}");
    let after = |text: &str, name: &str| {
        let (_, rest) = text.split_once(name).unwrap_or_default();
        rest.split([';', '>']).next().unwrap_or_default().to_owned()
    };
    (after(&diversion, "reason="), after(&history, "cause="))
}

#[test]
fn a_083_the_provider_is_told_why_a_phone_sent_the_call_on() {
    let said = |reason: &str| format!("Diversion: <sip:202@192.168.1.10>;reason={reason}\r\n");
    // (rings first, talks already, what the phone itself says of it)
    for (rings, talks, own, told) in [
        (false, false, String::new(), ("unconditional", "302")),
        (true, false, String::new(), ("no-answer", "408")),
        (false, true, String::new(), ("user-busy", "486")),
        (true, true, said("deflection"), ("deflection", "487")),
        (false, false, said("\"do-not-disturb\";counter=1"), ("do-not-disturb", "404")),
        (false, false, said("user-busy;privacy=off"), ("user-busy", "486")),
        (false, false, said("x\";y"), ("unconditional", "302")),
    ] {
        let (mut bench, provider) = office();
        let bram = bench.phone("202");
        let anna = talks.then(|| bench.phone("201"));
        let talk = anna.map(|anna| bench.connect(&bram, "201", &anna));
        let mut call = called_from_outside(&mut bench, &provider);
        let ring = bram.rung(&mut bench);
        if rings {
            ring.ring(&mut bench);
            call.expect(&mut bench, 180);
        }
        let more = format!("Contact: <{}>\r\n{own}", outside(MOBILE));
        ring.respond_with(&mut bench, 302, &more, None);
        ring.expect_ack(&mut bench);
        let outside = provider.ua.rung(&mut bench);
        assert_eq!(why(outside.asked()), (told.0.to_owned(), told.1.to_owned()), "{rings} {talks} {own}");
        outside.ring(&mut bench);
        if !rings {
            call.expect(&mut bench, 180);
        }
        call.cancel(&mut bench);
        call.expect(&mut bench, 487);
        outside.expect_cancelled(&mut bench);
        if let Some((mut one, mut other)) = talk {
            one.hang_up(&mut bench);
            other.expect_bye(&mut bench);
        }
        bench.over();
    }
}

/// Somebody outside calls Bram.
fn called_from_outside(bench: &mut Bench, provider: &Provider) -> Leg {
    let invite = provider.invite_draft(bench, "+31201234568", "+31201112223");
    Leg::calling(&provider.ua, bench, &invite)
}

#[test]
fn a_034_a_call_from_outside_that_a_phone_sends_out_again_is_its_persons_and_names_the_caller() {
    let (mut bench, provider) =
        Bench::on_tuesday(&OFFICE.replace("name = \"Bram\"\n", &format!("name = \"Bram\"\n{}", opened("+49"))));
    let bram = bench.phone("202");
    let mut call = called_from_outside(&mut bench, &provider);
    sends_on(&mut bench, &bram, &outside("00493012345678"));
    let mut ring = provider.ua.rung(&mut bench);
    let invite = ring.asked().clone();
    assert_eq!(invite.uri.dialled().as_deref(), Some("+493012345678"));
    let text = |name: &HeaderName| invite.headers.text(name).unwrap().into_owned();
    assert!(text(&HeaderName::From).contains("+31201112223") && text(&HeaderName::Diversion).contains("+31201234568"));
    assert_eq!(bench.trunk("provider").calls, 2, "both legs take a channel");
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    bench.seconds(30);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert!(bench.kept.contains_key("person/202"), "{:?}", bench.kept.keys());
    let records = bench.over();
    let record = &records[0];
    assert_eq!((record.to.as_str(), record.transferred_by.as_deref()), ("202", Some("202")));
    assert_eq!((record.outcome, record.cause), (Outcome::Answered, Cause::CallerHungUp));
    assert!(record.price.is_some_and(|price| price > Money::ZERO));
    let legs: Vec<_> = record.legs.iter().map(|leg| (leg.number.as_str(), leg.status)).collect();
    assert_eq!(legs[0], ("202", 302));
}

#[test]
fn b_021_a_forward_with_both_ends_outside_lasts_half_an_hour() {
    let (mut bench, provider) = office();
    let bram = bench.phone("202");
    let mut call = called_from_outside(&mut bench, &provider);
    sends_on(&mut bench, &bram, &outside(MOBILE));
    let mut ring = provider.ua.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    for _ in 0..17 {
        bench.seconds(100);
        for leg in [&mut call, &mut ring] {
            if let Some(asked) = bench.take_request(leg.ua.at, &Method::INVITE) {
                leg.asked = Some(asked);
                leg.respond(&mut bench, 200, Some(&leg.sdp));
                leg.expect_ack(&mut bench);
            }
        }
    }
    bench.quiet();
    bench.seconds(101);
    let byes: Vec<_> = std::iter::from_fn(|| bench.take_request(provider.ua.at, &Method::BYE)).collect();
    assert_eq!(byes.len(), 2);
    for bye in byes {
        let text = provider.ua.response_text(&bye, 200, None, "", "");
        bench.packet(Transport::Udp, provider.ua.at, &text);
    }
    assert_eq!(bench.over()[0].cause, Cause::LimitReached);
}

#[test]
fn a_034_a_phone_sends_no_call_where_its_person_may_not_call_nor_anybody_to_a_premium_number() {
    let premium = OFFICE.replace("name = \"Bram\"\n", "name = \"Bram\"\npremium = true\n");
    for (text, to) in
        [(OFFICE, "0018761234567"), (OFFICE, "09001234"), (&premium, "09001234"), (&premium, "0842345678")]
    {
        let (mut bench, _) = Bench::on_tuesday(text);
        let (anna, bram) = (bench.phone("201"), bench.phone("202"));
        let mut call = anna.call(&mut bench, "202");
        sends_on(&mut bench, &bram, &outside(to));
        call.expect(&mut bench, 403);
        let records = bench.over();
        assert_eq!((records[0].outcome, records[0].reason.is_some()), (Outcome::Blocked, true), "{to}");
    }
    // Who calls from outside is not told what the office may call.
    let (mut bench, provider) = office();
    let bram = bench.phone("202");
    let mut call = called_from_outside(&mut bench, &provider);
    sends_on(&mut bench, &bram, &outside("09001234"));
    let refusal = call.expect(&mut bench, 480);
    assert_eq!((refusal.reason.as_str(), refusal.headers.text(&HeaderName::Reason)), ("Temporarily Unavailable", None));
    let records = bench.over();
    assert_eq!((records[0].outcome, records[0].reason.is_some()), (Outcome::Blocked, true));
}

#[test]
fn b_020_whose_phone_sends_calls_on_to_three_dear_numbers_has_dear_calls_held_and_the_story_names_them() {
    let (mut bench, _provider) = office();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    for to in ["09001234", "09001234", "09001234", "09061234", "0018761234567"] {
        assert!(bench.held.is_empty(), "one number, however often");
        let mut call = anna.call(&mut bench, "202");
        sends_on(&mut bench, &bram, &outside(to));
        call.expect(&mut bench, 403);
    }
    assert_eq!(bench.held, ["202"]);
    bench.seconds(3_600);
    let story = bench.incidents.last().unwrap();
    assert_eq!(story.targets.some, ["09001234", "09061234", "+18761234567"], "{story:?}");
}

#[test]
fn b_020_a_phone_sends_calls_abroad_where_that_was_opened_for_its_person_and_nowhere_else() {
    let may_call_the_world = OFFICE.replace("name = \"Bram\"\n", "name = \"Bram\"\ncalls = \"world\"\n");
    let opened = may_call_the_world.replace("name = \"Bram\"\n", &format!("name = \"Bram\"\n{}", opened("+34")));
    for (text, to, goes) in [
        (&may_call_the_world, "0034912345678", false),
        (&opened, "0034912345678", true),
        (&opened, "0033123456789", false),
    ] {
        let (mut bench, provider) = Bench::on_tuesday(text);
        let (anna, bram) = (bench.phone("201"), bench.phone("202"));
        let mut call = anna.call(&mut bench, "202");
        sends_on(&mut bench, &bram, &outside(to));
        if goes {
            provider.ua.rung(&mut bench).pick_up(&mut bench);
            call.expect(&mut bench, 200);
            call.ack(&mut bench);
        } else {
            call.expect(&mut bench, 403);
            assert_eq!(bench.over()[0].outcome, Outcome::Blocked, "{to}");
        }
    }
}

#[test]
fn a_forward_that_a_provider_cannot_carry_goes_over_the_next_one_though_another_phone_was_busy() {
    let mut bench = Bench::switched_off(&OfficeText::with_second_trunk(), (10_000, 10_199));
    let (provider, spare) = Provider::two(&mut bench);
    bench.find_interfaces();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let app = bench.phone_at("202", Transport::Udp, "192.168.1.222:5060");
    let mut call = anna.call(&mut bench, "202");
    let (desk, other) = (bram.rung(&mut bench), app.rung(&mut bench));
    desk.refuse(&mut bench, 486);
    other.respond_with(&mut bench, 302, &format!("Contact: <{}>\r\n", outside(MOBILE)), None);
    other.expect_ack(&mut bench);
    provider.ua.rung(&mut bench).refuse(&mut bench, 503);
    let mut ring = spare.ua.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_073_forwards_make_no_chain_and_no_circle() {
    let (mut bench, _) = office();
    let (anna, bram, chris) = (bench.phone("201"), bench.phone("202"), bench.phone("203"));
    let mut call = anna.call(&mut bench, "202");
    sends_on(&mut bench, &bram, &outside("203"));
    sends_on(&mut bench, &chris, &outside(MOBILE));
    call.expect(&mut bench, 480);
    for to in ["201", "202", "112", "701", "*8202", "299", "nobody"] {
        let mut call = anna.call(&mut bench, "202");
        sends_on(&mut bench, &bram, &outside(to));
        call.expect(&mut bench, 480);
    }
    assert_eq!(bench.exchange.counters().forwards_refused, 7);
    bench.over();
}

#[test]
fn a_073_a_provider_that_sends_a_call_elsewhere_is_not_followed() {
    for to in [outside("203"), outside(MOBILE), "sip:thief@198.51.100.66".to_owned()] {
        let (mut bench, provider) = office();
        let anna = bench.phone("201");
        bench.phone("203");
        let mut call = anna.call(&mut bench, MOBILE);
        sends_on(&mut bench, &provider.ua, &to);
        call.expect(&mut bench, 480);
        let records = bench.over();
        assert_eq!((records[0].outcome, records[0].cause), (Outcome::Refused, Cause::Refused));
    }
}

#[test]
fn a_phone_sends_a_call_on_to_a_colleague_and_the_persons_other_phone_stops_ringing() {
    let (mut bench, _) = office();
    let (anna, bram, chris) = (bench.phone("201"), bench.phone("202"), bench.phone("203"));
    let other = bench.phone_at("202", Transport::Udp, "192.168.1.222:5060");
    let mut call = anna.call(&mut bench, "202");
    let at_other = other.rung(&mut bench);
    at_other.ring(&mut bench);
    call.expect(&mut bench, 180);
    sends_on(&mut bench, &bram, &outside("203"));
    at_other.expect_cancelled(&mut bench);
    let mut ring = chris.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    let records = bench.over();
    assert_eq!((records[0].answered_by.as_deref(), records[0].transferred_by.as_deref()), (Some("203"), Some("202")));
}

#[test]
fn one_members_forward_takes_no_call_away_from_the_group() {
    let (mut bench, provider) = office();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let invite = provider.invite_draft(&mut bench, "+31201234567", "+31201112223");
    let mut call = Leg::calling(&provider.ua, &mut bench, &invite);
    sends_on(&mut bench, &bram, &outside(MOBILE));
    let mut ring = anna.rung(&mut bench);
    bench.quiet();
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn who_calls_and_gives_up_again_and_again_takes_no_calls_away_from_the_person_whose_phone_sends_them_on() {
    let (mut bench, provider) = office();
    let bram = bench.phone("202");
    for _ in 0..25 {
        let call = called_from_outside(&mut bench, &provider);
        sends_on(&mut bench, &bram, &outside(MOBILE));
        bench.given_up(call, &provider.ua);
        bench.seconds(2);
    }
    assert!(!bench.has_problem("use-flash-calls", "202"));
    let mut own = bram.call(&mut bench, MOBILE);
    provider.ua.rung(&mut bench).refuse(&mut bench, 486);
    own.expect(&mut bench, 486);
    bench.over();
}

/// The office in which Bram's callers are sent there.
fn sent_on(to: &str) -> String {
    OFFICE.replace("name = \"Bram\"\n", &format!("name = \"Bram\"\nforward = \"{to}\"\n"))
}

#[test]
fn a_034_whom_the_office_sends_on_is_called_there_and_pays_and_the_own_phones_stay_still() {
    let (mut bench, provider) = Bench::on_tuesday(&sent_on(MOBILE));
    let bram = bench.phone("202");
    let mut call = called_from_outside(&mut bench, &provider);
    let mut ring = provider.ua.rung(&mut bench);
    let invite = ring.asked().clone();
    assert_eq!(invite.uri.dialled().as_deref(), Some("+31612345678"));
    assert_eq!(why(&invite), ("unconditional".to_owned(), "302".to_owned()));
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    bench.seconds(30);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert!(bench.take_request(bram.at, &Method::INVITE).is_none());
    assert_eq!(bench.exchange.counters().forwards, 1);
    let records = bench.over();
    assert_eq!((records[0].to.as_str(), records[0].transferred_by.as_deref()), ("202", Some("202")));
    assert!(records[0].price.is_some_and(|price| price > Money::ZERO));
}

#[test]
fn who_is_sent_on_without_a_phone_of_their_own_is_reached_all_the_same_and_by_the_colleague_in_person() {
    let (mut bench, provider) = Bench::on_tuesday(&sent_on("201"));
    let anna = bench.phone("201");
    let mut call = called_from_outside(&mut bench, &provider);
    let mut ring = anna.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    // To whom the callers are sent calls the person, and is not sent to the own phone.
    let bram = bench.phone("202");
    let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_034_where_its_person_may_send_nobody_any_more_the_own_phones_ring_and_nothing_is_called_outside() {
    for (to, keys) in [("0018761234567", ""), ("09001234", "premium = true"), (MOBILE, "calls = \"inside\"")] {
        let text = sent_on(to).replace("forward =", &format!("{keys}\nforward ="));
        let (mut bench, provider) = Bench::on_tuesday(&text);
        let bram = bench.phone("202");
        let mut call = called_from_outside(&mut bench, &provider);
        let mut ring = bram.rung(&mut bench);
        ring.pick_up(&mut bench);
        call.expect(&mut bench, 200);
        call.ack(&mut bench);
        assert!(bench.take_request(provider.ua.at, &Method::INVITE).is_none(), "{to}");
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
        assert_eq!(bench.exchange.counters().forwards_refused, 1, "{to}");
        bench.over();
    }
}

#[test]
fn a_073_two_who_send_on_to_each_other_make_no_circle() {
    let text = sent_on("201").replace("name = \"Anna\"\n", "name = \"Anna\"\nforward = \"202\"\n");
    let (mut bench, provider) = Bench::on_tuesday(&text);
    let anna = bench.phone("201");
    bench.phone("202");
    let mut call = called_from_outside(&mut bench, &provider);
    let mut ring = anna.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(bench.exchange.counters().forwards, 1);
    bench.over();
}

/// The office with one call to outside going on, where only two fit.
fn one_call_goes_on(text: &str, (trunk, line): (&str, &str)) -> (Bench, Provider, (Leg, Leg)) {
    let text = text
        .replace("register = true\n", &format!("register = true\n{trunk}\n"))
        .replace("language = \"nl\"\n", &format!("language = \"nl\"\n{line}\n"));
    let (mut bench, provider) = Bench::on_tuesday(&text);
    let anna = bench.phone("201");
    let call = anna.call(&mut bench, "0301234567");
    let talk = bench.answered(call, &provider.ua);
    (bench, provider, talk)
}

const TWO_FIT: [(&str, &str); 2] = [("", ""), ("channels = 9", "line_kbit = 200")];

#[test]
fn a_067_on_full_lines_the_own_phones_of_who_is_sent_on_ring() {
    for two_fit in TWO_FIT {
        let (mut bench, provider, (mut talk, mut far)) = one_call_goes_on(&sent_on(MOBILE), two_fit);
        let bram = bench.phone("202");
        let mut call = called_from_outside(&mut bench, &provider);
        let mut ring = bram.rung(&mut bench);
        assert!(bench.take_request(provider.ua.at, &Method::INVITE).is_none(), "{two_fit:?}");
        ring.pick_up(&mut bench);
        call.expect(&mut bench, 200);
        call.ack(&mut bench);
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
        talk.hang_up(&mut bench);
        far.expect_bye(&mut bench);
        // With room again it goes there.
        let mut call = called_from_outside(&mut bench, &provider);
        let mut ring = provider.ua.rung(&mut bench);
        ring.pick_up(&mut bench);
        call.expect(&mut bench, 200);
        call.ack(&mut bench);
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
        bench.over();
    }
}

#[test]
fn a_067_no_provider_is_told_that_the_line_is_full_where_a_call_is_sent_on() {
    for two_fit in TWO_FIT {
        let (mut bench, provider, (mut talk, mut far)) = one_call_goes_on(&sent_on(MOBILE), two_fit);
        called_from_outside(&mut bench, &provider).expect(&mut bench, 480);
        talk.hang_up(&mut bench);
        far.expect_bye(&mut bench);
        // A phone that says so by itself.
        let (mut bench, provider, _) = one_call_goes_on(OFFICE, two_fit);
        let bram = bench.phone("202");
        let mut call = called_from_outside(&mut bench, &provider);
        sends_on(&mut bench, &bram, &outside(MOBILE));
        call.expect(&mut bench, 480);
    }
}

/// The office, with room for many calls at its provider.
fn roomy() -> (Bench, Provider) {
    Bench::on_tuesday(&OFFICE.replace("register = true\n", "register = true\nchannels = 60\n"))
}

/// A provider that sends a forward back to the office: what arrives for it becomes a new call to the same number, as it stands in
/// the forward, hops and all. How often the box sends it on, and how the call ends that began it.
fn sent_round(bench: &mut Bench, provider: &Provider, bram: &Ua, first: &Draft, keeps: &[HeaderName]) -> (usize, u16) {
    let mut calls = vec![Leg::calling(&provider.ua, bench, first)];
    for rounds in 0..20 {
        if let Some(ring) = bench.take_request(bram.at, &Method::INVITE) {
            let ring = Leg::called(bram, bench, ring);
            ring.respond_with(bench, 302, &format!("Contact: <{}>\r\n", outside(MOBILE)), None);
            ring.expect_ack(bench);
        }
        let Some(sent_on) = bench.take_request(provider.ua.at, &Method::INVITE) else {
            let last = bench.take_response(provider.ua.at, |response| response.status.is_final()).unwrap();
            let why: Vec<_> = bench.records.iter().filter_map(|record| record.reason).collect();
            assert!(why.is_empty(), "no rule about costs ended it: {why:?}");
            return (rounds, last.status.code());
        };
        let mut back = provider.invite_draft(bench, "+31201234568", "+31201112223");
        for name in keeps {
            let value = sent_on.headers.text(name).unwrap().into_owned();
            back = back.set(&String::from_utf8_lossy(name.as_bytes()), value);
        }
        calls.push(Leg::calling(&provider.ua, bench, &back));
    }
    panic!("it never ends");
}

#[test]
fn a_forward_that_comes_back_ends_when_its_hops_do() {
    let (mut bench, provider) = roomy();
    let bram = bench.phone("202");
    let first = provider.invite_draft(&mut bench, "+31201234568", "+31201112223").set("Max-Forwards", "5");
    let ended = sent_round(&mut bench, &provider, &bram, &first, &[HeaderName::MaxForwards]);
    assert_eq!(ended, (4, 483));
}

#[test]
fn b_021_a_call_that_was_sent_on_three_times_is_not_sent_outside_again() {
    for kept in [HeaderName::Diversion, HeaderName::HistoryInfo] {
        let (mut bench, provider) = roomy();
        let bram = bench.phone("202");
        let first = provider.invite_draft(&mut bench, "+31201234568", "+31201112223");
        let (header, value) = match &kept {
            HeaderName::Diversion => ("Diversion", "<sip:+31301112223@x>;reason=unconditional;counter=2".to_owned()),
            _ => {
                let listed = |index| format!("<sip:+31301112223@x;cause=302>;index={index}");
                ("History-Info", ["<sip:+31301112224@x>;index=1".into(), listed("1.1"), listed("1.1.1")].join(", "))
            }
        };
        let (rounds, status) =
            sent_round(&mut bench, &provider, &bram, &first.with(header, value), &[HeaderName::Diversion]);
        assert_eq!((rounds, status), (1, 480), "{kept:?}");
        assert_eq!(bench.counted("forwards_refused"), 1);
    }
}

#[test]
fn where_the_office_sends_callers_a_call_that_was_sent_on_three_times_rings_at_its_persons_own_phones() {
    let (mut bench, provider) =
        Bench::on_tuesday(&OFFICE.replace("name = \"Bram\"\n", &format!("name = \"Bram\"\nforward = \"{MOBILE}\"\n")));
    let bram = bench.phone("202");
    let invite = provider.invite_draft(&mut bench, "+31201234568", "+31201112223");
    let often = "<sip:+31301112223@x>, <sip:+31301112224@x>;counter=99999999999, \"x\" <sip:+31301112225@x>";
    Leg::calling(&provider.ua, &mut bench, &invite.with("Diversion", often));
    bram.rung(&mut bench);
}

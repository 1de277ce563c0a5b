//! The right password in the wrong hands: a device that nobody knows may be called, call colleagues and help, and no more,
//! until somebody says that it is the office's (A-29, A-30, threats B-09 and B-10, T07 and T08).

use std::collections::BTreeSet;
use std::sync::Arc;

use centrale_call_control::incident::{Incident, Reached};
use centrale_call_control::{Bound, Command, Input, LanTable, Outcome, Place};
use centrale_config::{Credential, Mac, Secret, Settled};
use centrale_sip::flow::Transport;
use centrale_sip::message::Method;

use crate::bench::{Bench, Draft, Leg, OFFICE, OfficeText, Provider, Ua};

const DESK: &str = "Yealink SIP-T54W 96.86.0.100";
const UPDATED: &str = "Yealink SIP-T54W 96.87.0.15";
const APP: &str = "Zoiper rv2.10.20";
const PROBLEM: &str = "phone-unknown";
const ASKED: &str = "zoiper, 198.51.100.66";

fn office() -> (Bench, Provider) {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    bench.find_interfaces();
    (bench, provider)
}

/// Bram's password at that address.
fn bram_at(address: &str) -> Ua {
    Ua::new("202", Transport::Tcp, address)
}

fn registers_with(bench: &mut Bench, ua: &Ua, change: impl FnOnce(Draft) -> Draft) -> u16 {
    let draft = change(ua.register_draft(bench, 3600));
    ua.ask_proven(bench, &draft).status.code()
}

#[track_caller]
fn registers(bench: &mut Bench, ua: &Ua, user_agent: &str) {
    assert_eq!(registers_with(bench, ua, |draft| draft.with("User-Agent", user_agent)), 200);
}

fn calls(bench: &mut Bench, ua: &Ua, user_agent: &str, dialled: &str) -> Leg {
    let draft = ua.invite_draft(bench, dialled).with("User-Agent", user_agent);
    if dialled == "112" { Leg::calling(ua, bench, &draft) } else { ua.call_with(bench, &draft) }
}

#[track_caller]
fn refused(bench: &mut Bench, ua: &Ua, user_agent: &str, dialled: &str) {
    assert_eq!(calls(bench, ua, user_agent, dialled).expect(bench, 403).reason, "Device Not Confirmed", "{dialled}");
}

#[track_caller]
fn reaches(bench: &mut Bench, provider: &Provider, ua: &Ua, user_agent: &str, dialled: &str) {
    let call = calls(bench, ua, user_agent, dialled);
    let (mut call, _) = bench.answered(call, &provider.ua);
    call.hang_up(bench);
    bench.take_request(provider.ua.at, &Method::BYE).expect("the provider is told");
    bench.seconds(40);
}

fn asked(bench: &Bench) -> Vec<(String, String)> {
    let problems = bench.problems().into_iter().filter(|problem| problem.code == PROBLEM);
    problems.map(|problem| (problem.subject, problem.detail)).collect()
}

/// Bram's phone in the office, and a thief with his password outside.
fn robbed() -> (Bench, Provider, Ua, Ua) {
    let (mut bench, provider) = office();
    let (bram, thief) = (Ua::usual("202"), bram_at("198.51.100.66:40000"));
    registers(&mut bench, &bram, DESK);
    (bench, provider, bram, thief)
}

#[test]
fn a_029_the_right_password_from_elsewhere_makes_no_paid_call_registered_or_not() {
    let (mut bench, provider, bram, thief) = robbed();
    // Without registering; then registered; and whatever program it says it is.
    refused(&mut bench, &thief, DESK, "0612345678");
    registers(&mut bench, &thief, APP);
    for dialled in ["0612345678", "004930123456", "08001234"] {
        refused(&mut bench, &thief, APP, dialled);
        refused(&mut bench, &thief, DESK, dialled);
    }
    assert!(bench.take_request(provider.ua.at, &Method::INVITE).is_none(), "nothing reached the provider");
    assert_eq!(asked(&bench).len(), 1, "one question, however often it tries");
    assert_eq!(bench.exchange.counters().devices_unknown, 1);
    reaches(&mut bench, &provider, &bram, DESK, "0612345678");
    // Helplines and colleagues are called.
    reaches(&mut bench, &provider, &thief, APP, "113");
    let anna = bench.phone("201");
    let call = calls(&mut bench, &thief, APP, "201");
    let (mut call, mut at_anna) = bench.answered(call, &anna);
    // Whom it talks to it does not hand on to outside.
    assert_eq!(call.refer(&mut bench, "sip:0612345678@192.168.1.10").reason, "Device Not Confirmed");
    call.hang_up(&mut bench);
    at_anna.expect_bye(&mut bench);
    let records = bench.over();
    let blocked = records.iter().filter(|record| record.outcome == Outcome::Blocked);
    assert!(blocked.clone().all(|record| record.reason == Some("device-unknown")));
    assert_eq!(blocked.count(), 7);
}

/// A hijack can cost the office its numbers: it ends with the first call that somebody unknown would have paid for, and is told then.
#[test]
fn a_116_the_first_call_to_outside_of_somebody_unknown_is_refused_and_told_as_a_break_in() {
    let (mut bench, provider, _, thief) = robbed();
    registers(&mut bench, &thief, APP);
    refused(&mut bench, &thief, APP, "004930123456");
    assert!(bench.take_request(provider.ua.at, &Method::INVITE).is_none(), "nothing reached the provider");
    bench.seconds(5);
    let told = bench.incidents.last().expect("it is told");
    assert_eq!(told.reached, Reached::Apart);
    bench.over();
}

#[test]
fn a_030_a_second_place_takes_nothing_from_the_first_and_is_told() {
    let (mut bench, _, bram, thief) = robbed();
    registers(&mut bench, &thief, APP);
    assert_eq!(asked(&bench), [("202".to_owned(), ASKED.to_owned())]);
    // It takes everything away, and registers the phone's own contact.
    let contact = bram.contact();
    assert_eq!(registers_with(&mut bench, &thief, |draft| draft.set("Contact", "*").set("Expires", "0")), 200);
    let stolen = |draft: Draft| draft.set("Contact", contact).with("User-Agent", APP);
    assert_eq!(registers_with(&mut bench, &thief, stolen), 200);
    let anna = bench.phone("201");
    let call = anna.call(&mut bench, "202");
    let (mut call, _) = bench.answered(call, &bram);
    bench.seconds(1);
    call.hang_up(&mut bench);
    bench.take_request(bram.at, &Method::BYE).expect("Bram's phone had the call");
}

#[test]
fn a_device_that_nobody_knows_hears_no_meeting() {
    let (mut bench, _, _, thief) = robbed();
    bench.settle(&format!("{OFFICE}[[conference]]\nnumber = \"600\"\nname = \"Board\"\n"));
    registers(&mut bench, &thief, APP);
    refused(&mut bench, &thief, APP, "600");
}

#[test]
fn a_029_who_registered_apart_is_no_phone_of_the_office_to_the_door() {
    let (mut bench, _, _, thief) = robbed();
    registers(&mut bench, &thief, APP);
    // From where it is registered it guesses another's password: as a stranger does.
    let guesses = (0..20).take_while(|guess| {
        let guesser = Ua { user: "203".into(), password: format!("guess-{guess}"), ..thief.clone() };
        let draft = guesser.register_draft(&mut bench, 3600);
        guesser.send(&mut bench, &draft);
        let call_id = draft.field("Call-ID").to_owned();
        let ours = move |response: &centrale_sip::message::Response| response.headers.call_id() == Ok(&call_id);
        let Some(challenge) = bench.take_response(guesser.at, ours) else { return false };
        let again = guesser.proven(&mut bench, &draft, &challenge);
        guesser.send(&mut bench, &again);
        bench.take_response(guesser.at, |_| true).is_some()
    });
    assert!(guesses.count() < 10);
    assert!(bench.exchange.counters().wrong_secret <= 3, "{}", bench.exchange.counters().wrong_secret);
}

#[test]
fn a_device_that_somebody_recognised_is_one_of_the_office_and_stays_so_after_a_restart() {
    let (mut bench, provider, _, thief) = robbed();
    registers(&mut bench, &thief, APP);
    bench.command(Command::Recognise { account: "202".into(), shown: "another, 198.51.100.7".into() });
    refused(&mut bench, &thief, APP, "0612345678");
    bench.command(Command::Recognise { account: "202".into(), shown: ASKED.into() });
    assert_eq!(asked(&bench), []);
    assert!(bench.kept.contains_key("new-device/202"), "for a day its person may spend little");
    // At once, as it is registered; and under a new address of the same network.
    reaches(&mut bench, &provider, &thief, APP, "0612345678");
    registers(&mut bench, &bram_at("198.51.100.99:5071"), APP);
    assert_eq!(asked(&bench), []);
    let place = |bound: &Bound| match bound {
        Bound::To(account, seen) => (account.clone(), seen.place.clone()),
        other => panic!("{other:?}"),
    };
    let told = bench.bound;
    let places: Vec<_> = told.iter().map(place).collect();
    assert_eq!(places, [("202".into(), Place::Office), ("202".into(), Place::named("198.51.100.0/24"))]);
    let (mut bench, provider) = office();
    bench.input(Input::Bonds(told));
    registers(&mut bench, &thief, APP);
    reaches(&mut bench, &provider, &thief, APP, "0612345678");
    registers(&mut bench, &bram_at("203.0.113.200:5071"), APP);
    assert_eq!(asked(&bench).len(), 1, "from yet another network");
}

#[test]
fn a_027_who_registers_from_abroad_is_asked_about_calls_nobody_outside_until_approved_and_has_little_for_a_day() {
    let (mut bench, provider, _, abroad) = robbed();
    registers(&mut bench, &abroad, APP);
    assert_eq!(asked(&bench), [("202".to_owned(), ASKED.to_owned())]);
    for dialled in ["0201234999", "0612345678", "003221234567", "09001234"] {
        refused(&mut bench, &abroad, APP, dialled);
    }
    assert!(!bench.kept.contains_key("new-device/202"));
    bench.command(Command::Recognise { account: "202".into(), shown: ASKED.into() });
    assert!(bench.kept.contains_key("new-device/202"), "its own amount");
    reaches(&mut bench, &provider, &abroad, APP, "0201234999");
}

#[test]
fn a_device_is_thrown_out_with_its_password_and_who_has_the_new_one_begins_anew() {
    let (mut bench, provider, bram, thief) = robbed();
    registers(&mut bench, &thief, APP);
    bench.settle(&OFFICE.replace("bram-secret-202", "another-secret"));
    assert_eq!(asked(&bench), []);
    assert!(matches!(bench.bound.last(), Some(Bound::Forgotten(account)) if account == "202"));
    // He has another program now.
    let bram = Ua { password: "another-secret".into(), ..bram };
    registers(&mut bench, &bram, "baresip v3.10");
    assert_eq!(asked(&bench), []);
    reaches(&mut bench, &provider, &bram, "baresip v3.10", "0612345678");
    assert_eq!(bench.exchange.snapshot(bench.now).people[1].registrations.len(), 1);
}

#[test]
fn a_066_another_program_in_the_office_is_asked_about_and_the_phone_goes_on() {
    let (mut bench, provider, bram, _) = robbed();
    let other = bram_at("192.168.1.150:5071");
    registers(&mut bench, &other, APP);
    assert_eq!(asked(&bench).len(), 1);
    refused(&mut bench, &other, APP, "0612345678");
    reaches(&mut bench, &provider, &bram, DESK, "0612345678");
    // Help needs no known device.
    reaches(&mut bench, &provider, &other, APP, "112");
}

#[test]
fn nobody_is_asked_about_after_a_power_cut_an_update_or_a_refresh() {
    let (mut bench, provider) = office();
    for (number, at) in [("201", 101), ("202", 102), ("203", 103)] {
        registers(&mut bench, &Ua::new(number, Transport::Udp, &format!("192.168.1.{at}:5060")), DESK);
    }
    // The same phones at one another's addresses, at new ones, and with new software; the old bindings still live.
    for (number, at) in [("201", 102), ("202", 103), ("203", 240)] {
        registers(&mut bench, &Ua::new(number, Transport::Udp, &format!("192.168.1.{at}:5060")), DESK);
    }
    for (number, at) in [("201", 110), ("202", 111), ("203", 112)] {
        let phone = Ua::new(number, Transport::Tcp, &format!("192.168.1.{at}:5062"));
        registers(&mut bench, &phone, UPDATED);
        registers(&mut bench, &phone, UPDATED);
        reaches(&mut bench, &provider, &phone, UPDATED, "0612345678");
    }
    assert_eq!(asked(&bench), []);
}

#[test]
fn b_20_a_device_that_nobody_knows_sends_no_call_on_and_hears_no_message() {
    let (mut bench, provider, bram, thief) = robbed();
    registers(&mut bench, &thief, APP);
    let anna = bench.phone("201");
    let mut call = anna.call(&mut bench, "202");
    let (at_bram, at_thief) = (bram.rung(&mut bench), thief.rung(&mut bench));
    at_thief.respond_with(&mut bench, 302, "Contact: <sip:0612345678@192.168.1.10>\r\n", None);
    at_thief.expect_ack(&mut bench);
    assert!(bench.take_request(provider.ua.at, &Method::INVITE).is_none(), "nothing reached the provider");
    at_bram.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    refused(&mut bench, &thief, APP, "*97");
}

#[test]
fn a_092_nobody_is_at_home_outside_before_somebody_said_so() {
    let (mut bench, _) = office();
    let abroad = bram_at("198.51.100.66:40000");
    registers(&mut bench, &abroad, APP);
    refused(&mut bench, &abroad, APP, "0612345678");
    assert_eq!(asked(&bench), [("202".to_owned(), ASKED.to_owned())]);
    assert_eq!(bench.bound, []);
}

#[test]
fn a_device_that_nobody_knows_keeps_the_connection_over_which_it_may_be_called_and_a_guesser_does_not() {
    let (mut bench, _, _, thief) = robbed();
    let guesser = Ua { password: "guess".into(), ..bram_at("198.51.100.67:40000") };
    assert_eq!(registers_with(&mut bench, &guesser, |draft| draft), 401);
    assert!(!bench.is_kept(&guesser));
    registers(&mut bench, &thief, APP);
    assert!(bench.is_kept(&thief));
}

#[test]
fn b_20_a_device_that_nobody_knows_sends_no_call_on_by_unregistering_while_it_rings() {
    let (mut bench, provider, bram, thief) = robbed();
    registers(&mut bench, &thief, APP);
    let anna = bench.phone("201");
    let mut call = anna.call(&mut bench, "202");
    let (at_bram, at_thief) = (bram.rung(&mut bench), thief.rung(&mut bench));
    assert_eq!(registers_with(&mut bench, &thief, |draft| draft.set("Contact", "*").set("Expires", "0")), 200);
    at_thief.respond_with(&mut bench, 302, "Contact: <sip:0612345678@192.168.1.10>\r\n", None);
    at_thief.expect_ack(&mut bench);
    assert!(bench.take_request(provider.ua.at, &Method::INVITE).is_none(), "nothing reached the provider");
    at_bram.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
}

#[test]
fn b_20_no_colleague_sends_a_device_that_nobody_knows_outside() {
    let (mut bench, provider, _, thief) = robbed();
    let anna = bench.phone("201");
    for is_registered in [false, true] {
        if is_registered {
            registers(&mut bench, &thief, APP);
        }
        let mut call = calls(&mut bench, &thief, APP, "201");
        let at_anna = anna.rung(&mut bench);
        at_anna.respond_with(&mut bench, 302, "Contact: <sip:0612345678@192.168.1.10>\r\n", None);
        at_anna.expect_ack(&mut bench);
        assert!(bench.take_request(provider.ua.at, &Method::INVITE).is_none(), "nothing reached the provider");
        assert_eq!(call.expect(&mut bench, 403).reason, "Device Not Confirmed");
        let call = calls(&mut bench, &thief, APP, "201");
        let (mut call, mut at_anna) = bench.answered(call, &anna);
        assert_eq!(at_anna.refer(&mut bench, "sip:0612345678@192.168.1.10").reason, "Device Not Confirmed");
        // Nor by asking outside first.
        let asks = calls(&mut bench, &anna, DESK, "0612345678");
        let (mut asks, mut asked) = bench.answered(asks, &provider.ua);
        let consulted = format!("<sip:0612345678@192.168.1.10?{}>", asks.as_replaces());
        assert_eq!(at_anna.refer(&mut bench, &consulted).reason, "Device Not Confirmed");
        asks.hang_up(&mut bench);
        asked.expect_bye(&mut bench);
        call.hang_up(&mut bench);
        at_anna.expect_bye(&mut bench);
    }
}

#[test]
fn b_20_a_device_that_nobody_knows_takes_no_call_of_a_colleague_and_sees_no_lamp() {
    let (mut bench, _, _, thief) = robbed();
    registers(&mut bench, &thief, APP);
    let (anna, chris) = (bench.phone("201"), bench.phone("203"));
    let mut call = chris.call(&mut bench, "201");
    let at_anna = anna.rung(&mut bench);
    refused(&mut bench, &thief, APP, "*8201");
    refused(&mut bench, &thief, APP, "*8");
    let replaces = thief.invite_draft(&mut bench, "201").with("Replaces", "x;to-tag=201;from-tag=203");
    assert_eq!(thief.call_with(&mut bench, &replaces).expect(&mut bench, 403).reason, "Device Not Confirmed");
    refused(&mut bench, &thief, APP, "701");
    // One outside is not even heard when it asks for a lamp.
    let inside = bram_at("192.168.1.150:5071");
    registers(&mut bench, &inside, APP);
    for (number, event) in [("201", "dialog"), ("202", "message-summary")] {
        let draft = inside.subscribe_draft(&mut bench, number, event);
        assert_eq!(inside.ask_proven(&mut bench, &draft).status.code(), 403, "{event}");
    }
    at_anna.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
}

/// A phone in the office that shows a MAC address in what it calls itself.
fn desk_with(mac: &str) -> String {
    format!("{DESK} {mac}")
}

#[test]
fn b_09_a_phone_that_shows_another_mac_address_than_the_one_before_makes_no_paid_call_until_somebody_says_whose_it_is()
{
    let (mut bench, provider) = office();
    let (bram, other) = (Ua::usual("202"), bram_at("192.168.1.150:5071"));
    let (own, foreign) = (desk_with("80:5e:c0:aa:bb:cc"), desk_with("80:5e:c0:00:00:01"));
    registers(&mut bench, &bram, &own);
    registers(&mut bench, &bram_at("192.168.1.151:5071"), &own);
    assert_eq!(asked(&bench), [], "the same phone under another address");
    registers(&mut bench, &other, &foreign);
    assert_eq!(asked(&bench), [("202".to_owned(), "yealink, 192.168.1.150".to_owned())]);
    refused(&mut bench, &other, &foreign, "0612345678");
    reaches(&mut bench, &provider, &bram, &own, "0612345678");
    bench.command(Command::Recognise { account: "202".into(), shown: "yealink, 192.168.1.150".into() });
    reaches(&mut bench, &provider, &other, &foreign, "0612345678");
    // In a header, as phones of Yealink have it.
    let third = bram_at("192.168.1.152:5071");
    let named = |draft: Draft| draft.with("User-Agent", DESK).with("Mac", "80:5E:C0:00:00:02");
    assert_eq!(registers_with(&mut bench, &third, named), 200);
    refused(&mut bench, &third, DESK, "0612345678");
}

/// An office that made an account for one phone, and whoever has its password.
fn made_for_a_phone() -> (Bench, Provider, Ua) {
    let mac: Mac = "805ec0aabbcc".parse().unwrap();
    let desk = Credential {
        username: format!("202-{mac}"),
        number: "202".parse().unwrap(),
        secret: Secret::new("secret for 202"),
        device: Some(mac),
    };
    let (mut bench, provider) = office();
    let office = OfficeText::read(OFFICE).office;
    bench.input(Input::Settled(Arc::new(Settled::new(2, office, vec![desk]))));
    (bench, provider, Ua { user: format!("202-{mac}"), password: "secret for 202".into(), ..Ua::usual("202") })
}

#[test]
fn b_09_an_account_that_was_made_for_one_phone_begins_on_no_other_one() {
    for (shown, is_asked) in [("80:5e:c0:00:00:01", true), ("80:5e:c0:aa:bb:cc", false)] {
        let (mut bench, _, phone) = made_for_a_phone();
        registers(&mut bench, &phone, &desk_with(shown));
        assert_eq!(asked(&bench).len(), usize::from(is_asked), "{shown}");
    }
}

#[test]
fn a_044_a_program_that_is_no_phone_of_the_box_is_apart_with_the_right_password_until_somebody_says_it_is_the_offices()
{
    for program in [APP, "Grandstream GXP2170 1.0.11.6"] {
        let (mut bench, provider, holder) = made_for_a_phone();
        registers(&mut bench, &holder, program);
        let told = asked(&bench);
        let [(account, shown)] = &told[..] else { panic!("{program}: {told:?}") };
        refused(&mut bench, &holder, program, "0612345678");
        bench.command(Command::Recognise { account: account.clone(), shown: shown.clone() });
        reaches(&mut bench, &provider, &holder, program, "0612345678");
    }
    for phone in [DESK, "snomD785/10.1.169.16", "Linphone-Desktop/5.0.2 (Debian)"] {
        let (mut bench, provider, holder) = made_for_a_phone();
        registers(&mut bench, &holder, phone);
        assert_eq!(asked(&bench), [], "{phone}");
        reaches(&mut bench, &provider, &holder, phone, "0612345678");
    }
}

/// The same device each time, by its own name for itself.
fn registers_as_one(bench: &mut Bench, ua: &Ua) {
    let contact = format!("<{}>;+sip.instance=\"<urn:uuid:one>\"", ua.contact().trim_matches(['<', '>']));
    // As long as what phones send: over UDP no stranger is answered at greater length.
    let allow = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, NOTIFY, REFER, MESSAGE, SUBSCRIBE, PRACK".repeat(2);
    let change = |draft: Draft| draft.set("Contact", contact).with("User-Agent", APP).with("Allow", allow);
    assert_eq!(registers_with(bench, ua, change), 200);
}

#[test]
fn b_10_who_copied_a_device_is_thrown_out_and_asked_about_once_the_device_itself_speaks_again_elsewhere() {
    let (mut bench, provider) = office();
    let (home, thief) = (bram_at("203.0.113.66:40000"), bram_at("198.51.100.66:40000"));
    registers_as_one(&mut bench, &home);
    bench.command(Command::Recognise { account: "202".into(), shown: "zoiper, 203.0.113.66".into() });
    registers_as_one(&mut bench, &home);
    assert_eq!(asked(&bench), []);
    // It may have moved: nobody is asked.
    bench.seconds(60);
    registers_as_one(&mut bench, &thief);
    assert_eq!(asked(&bench), []);
    bench.seconds(60);
    registers_as_one(&mut bench, &home);
    assert_eq!(bench.exchange.snapshot(bench.now).people[1].registrations.len(), 1, "the copy is gone");
    refused(&mut bench, &thief, APP, "0612345678");
    registers_as_one(&mut bench, &thief);
    refused(&mut bench, &thief, APP, "0612345678");
    assert_eq!(asked(&bench), [("202".to_owned(), ASKED.to_owned())]);
    reaches(&mut bench, &provider, &home, APP, "0612345678");
}

#[test]
fn b_10_a_yes_to_another_device_ends_no_story_of_a_copy() {
    let (mut bench, _) = office();
    let (home, thief) = (bram_at("203.0.113.66:40000"), bram_at("198.51.100.66:40000"));
    registers_as_one(&mut bench, &home);
    bench.command(Command::Recognise { account: "202".into(), shown: "zoiper, 203.0.113.66".into() });
    bench.incidents.clear();
    for ua in [&home, &thief, &home] {
        bench.seconds(60);
        registers_as_one(&mut bench, ua);
    }
    assert_eq!(told_as_break_ins(&mut bench), 1);
    registers(&mut bench, &bram_at("192.0.2.66:40000"), DESK);
    assert_eq!(asked(&bench), [("202".to_owned(), "yealink, 192.0.2.66".to_owned())]);
    bench.command(Command::Recognise { account: "202".into(), shown: "yealink, 192.0.2.66".into() });
    assert_eq!(asked(&bench), []);
    assert!(bench.incidents.iter().all(|story| !story.is_over), "who copied it still has it");
}

#[test]
fn a_device_that_comes_home_to_the_same_port_day_after_day_is_one() {
    goes_out_and_comes_home(Transport::Udp);
}

#[test]
fn a_device_that_comes_home_over_a_new_connection_from_the_same_port_is_one() {
    goes_out_and_comes_home(Transport::Tcp);
}

/// Somebody's own device, at home by day and over a telephone network, with another port each time, in between.
fn goes_out_and_comes_home(transport: Transport) {
    let (mut bench, _) = office();
    let home = Ua::new("202", transport, "203.0.113.66:5062");
    registers_as_one(&mut bench, &home);
    bench.command(Command::Recognise { account: "202".into(), shown: "zoiper, 203.0.113.66".into() });
    for day in 0..10 {
        let walk = Ua::new("202", transport, &format!("198.51.100.66:{}", 40_000 + day));
        for ua in [&home, &walk] {
            bench.break_connection(transport, ua.at);
            for _ in 0..3 {
                bench.seconds(600);
                registers_as_one(&mut bench, ua);
            }
            let registered = &bench.exchange.snapshot(bench.now).people[1].registrations;
            assert!(asked(&bench).is_empty() && !registered.is_empty(), "day {day}");
        }
    }
    registers_as_one(&mut bench, &Ua::new("202", transport, "192.0.2.66:5062"));
    assert_eq!(asked(&bench), [], "it may still go where it likes");
}

#[test]
fn b_10_a_copied_name_takes_nobody_along_after_a_restart_either() {
    let (mut bench, _) = office();
    let (home, thief) = (bram_at("203.0.113.66:40000"), bram_at("198.51.100.66:40000"));
    registers_as_one(&mut bench, &home);
    bench.command(Command::Recognise { account: "202".into(), shown: "zoiper, 203.0.113.66".into() });
    for ua in [&home, &thief, &home] {
        bench.seconds(60);
        registers_as_one(&mut bench, ua);
    }
    let told = bench.bound;
    let (mut bench, _) = office();
    bench.input(Input::Bonds(told));
    registers_as_one(&mut bench, &home);
    assert_eq!(asked(&bench), []);
    registers_as_one(&mut bench, &thief);
    assert_eq!(asked(&bench), [("202".to_owned(), ASKED.to_owned())]);
}

/// The kernel sees these machines at these addresses of the office.
fn kernel_sees(bench: &mut Bench, machines: &[(&str, &str)]) {
    let entry = |(ip, mac): &(&str, &str)| (ip.parse().unwrap(), mac.parse::<Mac>().unwrap().octets(), true);
    let entries = machines.iter().map(entry).collect();
    bench.input(Input::Lan(LanTable { router: Some("192.168.1.1".parse().unwrap()), entries }));
}

/// Bram's phone as the box set it up, and its account at another address of the office.
fn desk_of_bram(bench: &mut Bench) -> impl Fn(&str) -> Ua + use<> {
    let mac: Mac = "805ec0aabbcc".parse().unwrap();
    let username = format!("202-{mac}");
    let desk = Credential {
        username: username.clone(),
        number: "202".parse().unwrap(),
        secret: Secret::new("secret for 202".to_owned()),
        device: Some(mac),
    };
    let office = OfficeText::read(OFFICE).office;
    bench.input(Input::Settled(Arc::new(Settled::new(2, office, vec![desk]))));
    move |at| Ua { user: username.clone(), password: "secret for 202".into(), ..Ua::new("202", Transport::Udp, at) }
}

#[test]
fn b_09_whoever_has_a_phones_password_and_name_on_another_machine_of_the_office_is_kept_apart_until_somebody_says_it_is_ours()
 {
    let (mut bench, provider) = office();
    let at = desk_of_bram(&mut bench);
    let machines =
        [("192.168.1.1", "021111111111"), ("192.168.1.102", "805ec0aabbcc"), ("192.168.1.66", "3c970e123456")];
    kernel_sees(&mut bench, &machines);
    let (bram, thief) = (at("192.168.1.102:5060"), at("192.168.1.66:5060"));
    registers(&mut bench, &bram, DESK);
    registers(&mut bench, &thief, DESK);
    refused(&mut bench, &thief, DESK, "0612345678");
    looks(&mut bench, &machines);
    assert_eq!(asked(&bench), [(bram.user.clone(), "yealink, 192.168.1.66".to_owned())]);
    assert_eq!(told_as_break_ins(&mut bench), 1);
    assert_eq!(registrations(&bench), 1, "no call rings there");
    registers(&mut bench, &thief, DESK);
    refused(&mut bench, &thief, DESK, "0612345678");
    reaches(&mut bench, &provider, &thief, DESK, "112");
    reaches(&mut bench, &provider, &bram, DESK, "0612345678");
    bench.command(Command::Recognise { account: bram.user.clone(), shown: "yealink, 192.168.1.66".into() });
    reaches(&mut bench, &provider, &thief, DESK, "0612345678");
    registers(&mut bench, &thief, UPDATED);
    assert_eq!(asked(&bench), []);
}

#[test]
fn b_09_a_machine_that_the_kernel_sees_only_after_it_registered_calls_nobody_outside_either() {
    let (mut bench, _) = office();
    let at = desk_of_bram(&mut bench);
    let (bram, thief) = (at("192.168.1.102:5060"), at("192.168.1.66:5060"));
    registers(&mut bench, &bram, DESK);
    registers(&mut bench, &thief, DESK);
    assert_eq!(asked(&bench), []);
    kernel_sees(&mut bench, &[("192.168.1.102", "805ec0aabbcc"), ("192.168.1.66", "3c970e123456")]);
    refused(&mut bench, &thief, DESK, "0612345678");
    assert_eq!(asked(&bench), [(bram.user, "yealink, 192.168.1.66".to_owned())]);
}

/// A few seconds later the kernel's table is looked at again.
fn looks(bench: &mut Bench, machines: &[(&str, &str)]) {
    bench.seconds(3);
    kernel_sees(bench, machines);
}

/// How many stories of break-ins are told.
fn told_as_break_ins(bench: &mut Bench) -> usize {
    bench.seconds(5);
    let got_in = |one: &&Incident| one.reached != Reached::Nothing;
    let numbers: BTreeSet<u64> = bench.incidents.iter().filter(got_in).map(|one| one.number).collect();
    numbers.len()
}

fn registrations(bench: &Bench) -> usize {
    bench.exchange.snapshot(bench.now).people[1].registrations.len()
}

#[test]
fn b_09_a_phone_behind_a_repeater_goes_on_calling_while_it_is_asked_about_and_is_no_break_in() {
    let (mut bench, provider) = office();
    let bram = desk_of_bram(&mut bench)("192.168.1.102:5060");
    kernel_sees(&mut bench, &[("192.168.1.1", "021111111111"), ("192.168.1.102", "805ec0aabbcc")]);
    registers(&mut bench, &bram, DESK);
    // A repeater that puts its own address in the place of those behind it; then another one.
    for repeater in ["3c970e123456", "3c970e654321"] {
        looks(&mut bench, &[("192.168.1.1", "021111111111"), ("192.168.1.102", repeater)]);
        for _ in 0..2 {
            reaches(&mut bench, &provider, &bram, DESK, "0612345678");
            registers(&mut bench, &bram, DESK);
            looks(&mut bench, &[("192.168.1.1", "021111111111"), ("192.168.1.102", repeater)]);
            assert_eq!(asked(&bench), [(bram.user.clone(), "yealink, 192.168.1.102".to_owned())]);
            assert_eq!(registrations(&bench), 1);
        }
    }
    assert_eq!(told_as_break_ins(&mut bench), 0);
    // Where the phone itself is seen at the same time, somebody has its password.
    let both = [("192.168.1.150", "805ec0aabbcc"), ("192.168.1.102", "3c970e654321")];
    looks(&mut bench, &both);
    registers(&mut bench, &bram, DESK);
    looks(&mut bench, &both);
    refused(&mut bench, &bram, DESK, "0612345678");
    assert_eq!(told_as_break_ins(&mut bench), 1);
}

#[test]
fn b_09_a_phone_that_sleeps_is_asked_for_before_who_is_in_its_place_calls_outside() {
    for is_there in [true, false] {
        let (mut bench, provider) = office();
        let at = desk_of_bram(&mut bench);
        let (bram, other) = (at("192.168.1.102:5060"), at("192.168.1.66:5060"));
        let mac = |text: &str| text.parse::<Mac>().unwrap().octets();
        let sees = |bench: &mut Bench, sleeper: Option<bool>| {
            let own = sleeper.map(|answers| ("192.168.1.102".parse().unwrap(), mac("805ec0aabbcc"), answers));
            let entries = own.into_iter().chain([("192.168.1.66".parse().unwrap(), mac("3c970e123456"), true)]);
            bench.seconds(3);
            bench.input(Input::Lan(LanTable { router: None, entries: entries.collect() }));
        };
        registers(&mut bench, &bram, DESK);
        sees(&mut bench, Some(false));
        registers(&mut bench, &other, DESK);
        sees(&mut bench, Some(false));
        assert!(bench.stirred.contains(&"192.168.1.102".parse().unwrap()), "the kernel asks for it");
        refused(&mut bench, &other, DESK, "0612345678");
        sees(&mut bench, is_there.then_some(true));
        if is_there {
            refused(&mut bench, &other, DESK, "0612345678");
        } else {
            reaches(&mut bench, &provider, &other, DESK, "0612345678");
        }
        assert_eq!(told_as_break_ins(&mut bench), usize::from(is_there));
        assert_eq!(asked(&bench), [(bram.user, "yealink, 192.168.1.66".to_owned())]);
    }
}

#[test]
fn b_09_a_phone_that_begins_behind_a_repeater_calls_outside_after_a_word_and_is_no_break_in() {
    let (mut bench, provider) = office();
    let bram = desk_of_bram(&mut bench)("192.168.1.102:5060");
    let machines = [("192.168.1.1", "021111111111"), ("192.168.1.102", "3c970e123456")];
    kernel_sees(&mut bench, &machines);
    registers(&mut bench, &bram, DESK);
    looks(&mut bench, &machines);
    registers(&mut bench, &bram, DESK);
    refused(&mut bench, &bram, DESK, "0612345678");
    assert_eq!(told_as_break_ins(&mut bench), 0);
    bench.command(Command::Recognise { account: bram.user.clone(), shown: "yealink, 192.168.1.102".into() });
    reaches(&mut bench, &provider, &bram, DESK, "0612345678");
}

#[test]
fn b_09_a_phone_that_gets_the_address_of_a_machine_that_left_is_judged_by_a_later_look() {
    let (mut bench, provider) = office();
    let at = desk_of_bram(&mut bench);
    let bram = at("192.168.1.20:5060");
    registers(&mut bench, &at("192.168.1.102:5060"), DESK);
    // Of before it moved: it is still at its old address, and a laptop at its new one.
    let before = [("192.168.1.102", "805ec0aabbcc"), ("192.168.1.20", "3c970e123456")];
    kernel_sees(&mut bench, &before);
    kernel_sees(&mut bench, &before);
    registers(&mut bench, &bram, DESK);
    registers(&mut bench, &bram, DESK);
    assert_eq!(asked(&bench), []);
    looks(&mut bench, &[("192.168.1.20", "805ec0aabbcc")]);
    registers(&mut bench, &bram, DESK);
    reaches(&mut bench, &provider, &bram, DESK, "0612345678");
    assert_eq!((asked(&bench), told_as_break_ins(&mut bench)), (vec![], 0));
}

#[test]
fn b_09_no_phone_is_kept_apart_where_the_kernel_does_not_see_it_or_sees_a_router_or_its_own_other_card() {
    for (at, via, machine) in [
        ("192.168.1.102:5060", "192.168.1.102", None),
        // A network of its own behind the router, which answers for it.
        ("192.168.1.102:5060", "192.168.1.102", Some("021111111111")),
        // A second router that translates addresses.
        ("192.168.1.77:40000", "10.9.8.7", Some("3c970e123456")),
        // Wireless, by the phone's other card.
        ("192.168.1.102:5060", "192.168.1.102", Some("805ec0123456")),
        ("192.168.1.102:5060", "192.168.1.102", Some("805ec0aabbcc")),
    ] {
        let (mut bench, provider) = office();
        let bram = desk_of_bram(&mut bench)(at);
        let own = at.split(':').next().unwrap();
        let router = ("192.168.1.1", "021111111111");
        let machines: Vec<_> = [router].into_iter().chain(machine.map(|mac| (own, mac))).collect();
        kernel_sees(&mut bench, &machines);
        let through = |draft: Draft| {
            let sent_by = draft.field("Via").replace(own, via);
            draft.set("Via", sent_by).with("User-Agent", DESK)
        };
        if via == own {
            registers(&mut bench, &bram, DESK);
            reaches(&mut bench, &provider, &bram, DESK, "0612345678");
        } else {
            let draft = through(bram.register_draft(&mut bench, 3600));
            let challenge = bram.ask(&mut bench, &draft);
            let again = through(bram.proven(&mut bench, &draft, &challenge).without("User-Agent"));
            assert_eq!(bram.ask(&mut bench, &again).status.code(), 200);
        }
        assert_eq!(asked(&bench), [], "{at} {machine:?}");
    }
}

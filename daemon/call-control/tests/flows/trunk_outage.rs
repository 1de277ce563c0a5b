//! Providers that go away and come back, servers that stand in for each other, and an office whose router moves.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use centrale_call_control::Input;
use centrale_call_control::view::TrunkState;
use centrale_sip::flow::{Target, Transport};
use centrale_sip::message::{HeaderName, Message, Method};

use crate::bench::{Bench, OFFICE, OfficeText, Provider};

const SECOND_SERVER: &str = "203.0.113.6:5060";

fn target(at: &str) -> Target {
    Target::new(Transport::Udp, at.parse().unwrap())
}

/// When the provider was asked for a registration, each time once, whether or not the first of it got lost.
fn asked(bench: &Bench, provider: &Provider) -> Vec<Instant> {
    let lost = bench.dropped.iter().filter_map(|(at, message)| match message {
        Message::Request(request) if request.method == Method::REGISTER => {
            Some((*at, request.headers.text(&HeaderName::Via).unwrap().into_owned()))
        }
        Message::Request(_) | Message::Response(_) => None,
    });
    let mut tries: Vec<(Instant, String)> = lost.chain(provider.tries()).collect();
    tries.sort();
    let mut known = BTreeSet::new();
    tries.into_iter().filter(|(_, via)| known.insert(via.clone())).map(|(at, _)| at).collect()
}

#[track_caller]
fn never_stormed(bench: &Bench, provider: &Provider) {
    let gaps: Vec<u64> = asked(bench, provider).windows(2).map(|pair| (pair[1] - pair[0]).as_secs()).collect();
    assert!(gaps.iter().all(|gap| *gap >= 30), "{gaps:?}");
}

#[test]
fn a_125_a_provider_that_is_away_for_five_minutes_is_missed_within_one_and_back_within_five_seconds() {
    for (office, cut_at) in [(OFFICE.to_owned(), 100), (OFFICE.to_owned(), 487), (by_address(), 100)] {
        let mut bench = Bench::switched_off(&office, (10_000, 10_199));
        let provider = Provider::new(&mut bench);
        bench.find_interfaces();
        let (anna, bram) = (bench.phone("201"), bench.phone("202"));
        bench.seconds(cut_at);
        assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
        bench.lost.insert(provider.ua.at);
        bench.seconds(60);
        assert!(bench.has_problem("trunk-unreachable", "provider"), "{:?}", bench.trunk("provider"));
        anna.register(&mut bench);
        bram.register(&mut bench);
        let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
        bench.seconds(240);
        bench.lost.clear();
        bench.seconds(5);
        assert_eq!(bench.trunk("provider").state, TrunkState::Connected, "{:?}", bench.trunk("provider"));
        assert!(!bench.has_problem("trunk-unreachable", "provider"));
        never_stormed(&bench, &provider);
        bench.over();
    }
}

#[test]
fn a_125_a_provider_to_which_no_connection_can_be_made_for_five_minutes_is_found_within_five_seconds() {
    let mut bench = Bench::switched_off(&OFFICE.replace("\"udp\"", "\"tcp\""), (10_000, 10_199));
    let provider = Provider::at(&mut bench, Transport::Tcp, Provider::ADDRESS);
    let server = Target::new(Transport::Tcp, provider.ua.at);
    bench.names.insert("sip.provider.example".into(), vec![server]);
    bench.find_interfaces();
    bench.seconds(100);
    bench.lost.insert(provider.ua.at);
    // What is sent and not acknowledged ends the connection; a new one is tried for five seconds each time.
    bench.seconds(30);
    bench.break_connection(Transport::Tcp, provider.ua.at);
    for _ in 0..54 {
        bench.seconds(5);
        bench.input(Input::TargetFailed(server));
    }
    assert!(bench.has_problem("trunk-unreachable", "provider"));
    bench.lost.clear();
    bench.seconds(5);
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected, "{:?}", bench.trunk("provider"));
    // What waits for a connection that is never made reaches nobody.
    assert_eq!(provider.tries().len(), 2);
    bench.over();
}

#[test]
fn a_048_a_provider_that_answers_no_questions_is_missed_within_a_minute_and_back_within_five_seconds() {
    for dies_at in [100, 115, 130, 1_000] {
        let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
        let provider = Provider::new(&mut bench);
        provider.registrar.borrow_mut().deaf_to_options = true;
        bench.find_interfaces();
        bench.seconds(dies_at);
        assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
        assert!(!bench.has_problem("trunk-unreachable", "provider"));
        bench.lost.insert(provider.ua.at);
        bench.seconds(60);
        assert!(bench.has_problem("trunk-unreachable", "provider"), "{:?}", bench.trunk("provider"));
        bench.seconds(240);
        bench.lost.clear();
        bench.seconds(5);
        assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
        assert!(!bench.has_problem("trunk-unreachable", "provider"));
        never_stormed(&bench, &provider);
        bench.over();
    }
}

#[test]
fn a_125_at_whatever_second_of_the_outage_a_provider_that_answers_no_questions_comes_back_it_is_found() {
    for (away, servers) in (280..320).map(|away| (away, 1)).chain([(7_200, 1), (300, 2)]) {
        let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
        if servers == 2 {
            bench.names.insert("sip.provider.example".into(), vec![target(Provider::ADDRESS), target(SECOND_SERVER)]);
        }
        let provider = Provider::new(&mut bench);
        provider.registrar.borrow_mut().deaf_to_options = true;
        bench.find_interfaces();
        bench.seconds(100);
        bench.lost.extend([provider.ua.at, SECOND_SERVER.parse().unwrap()]);
        bench.seconds(away);
        bench.lost.remove(&provider.ua.at);
        // Of two servers each has its turn.
        bench.seconds(if servers == 1 { 5 } else { 40 });
        assert_eq!(bench.trunk("provider").state, TrunkState::Connected, "after {away} s");
        if servers == 1 {
            never_stormed(&bench, &provider);
        }
        bench.lost.clear();
        bench.over();
    }
}

#[test]
fn a_provider_that_stops_answering_questions_and_nothing_else_is_registered_at_again() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    bench.find_interfaces();
    bench.seconds(100);
    provider.registrar.borrow_mut().deaf_to_options = true;
    bench.seconds(900);
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected, "{:?}", bench.trunk("provider"));
    bench.seconds(600);
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
    never_stormed(&bench, &provider);
    bench.over();
}

#[test]
fn a_registration_that_is_taken_late_counts() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    let slow = provider.clone();
    bench.robot(provider.ua.at, Box::new(|_, _| None));
    bench.find_interfaces();
    let register = bench.take_request(slow.ua.at, &Method::REGISTER).unwrap();
    bench.seconds(15);
    assert!(bench.has_problem("trunk-unreachable", "provider"));
    let granted = "Contact: <sip:office@192.168.1.10>;expires=600\r\n";
    let text = slow.ua.response_text(&register, 200, Some("late"), granted, "");
    bench.packet(Transport::Udp, slow.ua.at, &text);
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
    assert!(!bench.has_problem("trunk-unreachable", "provider"));
    while bench.take_request(slow.ua.at, &Method::OPTIONS).is_some() {}
    bench.seconds(35);
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected, "it said nothing to questions, ever");
}

/// The office whose provider knows it by its address.
fn by_address() -> String {
    OFFICE.replace("register = true", "register = false")
}

#[test]
fn a_047_while_the_provider_is_away_every_internal_call_is_made() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    bench.lost.insert(provider.ua.at);
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    for _ in 0..30 {
        bench.seconds(20);
        anna.register(&mut bench);
        bram.register(&mut bench);
        let (mut call, mut ring) = bench.connect(&anna, "202", &bram);
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
    }
    let records = bench.over();
    assert_eq!(records.iter().filter(|record| record.answered.is_some()).count(), 30);
}

#[test]
fn a_provider_that_comes_up_after_the_box_is_found_within_five_seconds() {
    for office in [OFFICE.to_owned(), by_address()] {
        let mut bench = Bench::switched_off(&office, (10_000, 10_199));
        let provider = Provider::new(&mut bench);
        bench.lost.insert(provider.ua.at);
        bench.find_interfaces();
        bench.seconds(1_000);
        assert_eq!(bench.trunk("provider").state, TrunkState::Unreachable);
        bench.lost.clear();
        bench.seconds(5);
        let state = bench.trunk("provider").state;
        let since = asked(&bench, &provider).last().map(|last| (bench.now - *last).as_secs()).unwrap_or_default();
        assert!(state == TrunkState::Connected || since < 30, "{state:?}, asked {since} s ago");
        bench.seconds(30);
        assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
        never_stormed(&bench, &provider);
        bench.over();
    }
}

#[test]
fn a_provider_that_answers_questions_and_takes_no_registration_is_not_asked_in_a_frenzy() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    let answers = provider.clone();
    bench.robot(
        provider.ua.at,
        Box::new(move |now, request| match request.method {
            Method::OPTIONS => Some(vec![answers.ua.response_text(request, 200, Some("o"), "", "")]),
            Method::REGISTER => {
                answers.registrar.borrow_mut().registers.push((now, 600, false));
                Some(Vec::new())
            }
            _ => None,
        }),
    );
    bench.find_interfaces();
    bench.seconds(24 * 3600);
    assert!(asked(&bench, &provider).len() < 220, "{} REGISTERs in a day", asked(&bench, &provider).len());
    never_stormed(&bench, &provider);
    bench.over();
}

/// A provider with two servers, the first of them in use.
fn two_servers() -> (Bench, Provider, Provider) {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let servers = vec![target(Provider::ADDRESS), target(SECOND_SERVER)];
    bench.names.insert("sip.provider.example".into(), servers);
    let first = Provider::new(&mut bench);
    let second = Provider::at(&mut bench, Transport::Udp, SECOND_SERVER);
    bench.find_interfaces();
    (bench, first, second)
}

#[test]
fn a_server_that_dies_costs_the_first_caller_three_seconds_and_the_next_ones_nothing() {
    let (mut bench, first, second) = two_servers();
    bench.seconds(60);
    bench.lost.insert(first.ua.at);
    let anna = bench.phone("201");
    for wait in [Duration::from_millis(3_001), Duration::ZERO, Duration::ZERO] {
        let mut call = anna.call(&mut bench, "0612345678");
        bench.advance(wait);
        let mut ring = second.ua.rung(&mut bench);
        ring.pick_up(&mut bench);
        call.expect(&mut bench, 200);
        call.ack(&mut bench);
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
    }
    // The first call's question found out that the server is gone.
    bench.seconds(15);
    assert_eq!((bench.trunk("provider").state, second.registers()), (TrunkState::Connected, 2));
    bench.seconds(60);
    bench.lost.clear();
    bench.over();
}

#[test]
fn a_server_that_asks_to_be_left_alone_is_and_only_for_so_long() {
    let (mut bench, first, second) = two_servers();
    let anna = bench.phone("201");
    let mut call = anna.call(&mut bench, "0612345678");
    let busy = first.ua.rung(&mut bench);
    busy.respond_with(&mut bench, 503, "Retry-After: 90\r\n", None);
    busy.expect_ack(&mut bench);
    second.ua.rung(&mut bench).refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    for (seconds, provider) in [(80, &second), (15, &first)] {
        bench.seconds(seconds);
        anna.register(&mut bench);
        let mut call = anna.call(&mut bench, "0612345678");
        provider.ua.rung(&mut bench).refuse(&mut bench, 486);
        call.expect(&mut bench, 486);
    }
    bench.over();
}

#[test]
fn a_provider_whose_only_server_asks_to_be_left_alone_comes_after_the_other_provider() {
    let mut bench = Bench::switched_off(&OfficeText::with_second_trunk(), (10_000, 10_199));
    let (first, second) = Provider::two(&mut bench);
    bench.find_interfaces();
    let anna = bench.phone("201");
    let mut call = anna.call(&mut bench, "0612345678");
    let busy = first.ua.rung(&mut bench);
    busy.respond_with(&mut bench, 503, "Retry-After: 30\r\n", None);
    busy.expect_ack(&mut bench);
    second.ua.rung(&mut bench).refuse(&mut bench, 503);
    call.expect(&mut bench, 503);
    let mut again = anna.call(&mut bench, "0612345678");
    second.ua.rung(&mut bench).refuse(&mut bench, 486);
    again.expect(&mut bench, 486);
    bench.over();
}

#[test]
fn when_the_routers_address_changes_the_trunk_registers_anew_and_the_page_is_told() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    provider.registrar.borrow_mut().sees = Some(("192.0.2.10".into(), 40_000));
    bench.find_interfaces();
    let contact = provider.registrar.borrow().contact.clone();
    assert_eq!(bench.trunk("provider").seen_as, "192.0.2.10:40000");
    bench.seconds(100);
    assert_eq!(asked(&bench, &provider).len(), 1, "nothing changed");
    for (ip, port) in [("192.0.2.77", 40_000), ("192.0.2.77", 41_000)] {
        let before = asked(&bench, &provider).len();
        provider.registrar.borrow_mut().sees = Some((ip.into(), port));
        bench.seconds(21);
        assert_eq!(asked(&bench, &provider).len(), before + 1);
        assert_eq!(bench.trunk("provider").seen_as, format!("{ip}:{port}"));
        bench.seconds(100);
        assert_eq!(asked(&bench, &provider).len(), before + 1, "once");
    }
    assert_eq!(provider.registrar.borrow().contact, contact, "the way there is the provider's to keep");
    // A router that gives out a new address all the time makes no storm.
    for port in 42_000..42_060 {
        provider.registrar.borrow_mut().sees = Some(("192.0.2.77".into(), port));
        bench.seconds(10);
    }
    never_stormed(&bench, &provider);
    bench.over();
}

#[test]
fn an_address_that_changes_right_after_a_register_is_registered_as_soon_as_it_is_seen_and_that_once_in_five_minutes() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    let mut port = 40_000;
    let mut move_on = |bench: &mut Bench| {
        port += 1;
        provider.registrar.borrow_mut().sees = Some(("192.0.2.10".into(), port));
        let before = asked(bench, &provider).len();
        bench.seconds(21);
        asked(bench, &provider).len() - before
    };
    provider.registrar.borrow_mut().sees = Some(("192.0.2.10".into(), 40_000));
    bench.find_interfaces();
    bench.seconds(5);
    assert_eq!(asked(&bench, &provider).len(), 1);
    assert_eq!(move_on(&mut bench), 1, "the next question shows it, and no caller waits for longer");
    // From now on it may be a router that gives out a new address all the time.
    assert_eq!((move_on(&mut bench), move_on(&mut bench)), (0, 1));
    bench.seconds(260);
    move_on(&mut bench);
    let gaps: Vec<u64> = asked(&bench, &provider).windows(2).map(|pair| (pair[1] - pair[0]).as_secs()).collect();
    assert_eq!(gaps.iter().filter(|gap| **gap < 30).count(), 1, "{gaps:?}");
    bench.over();
}

/// A provider that worked, and whose name leads elsewhere from then on. Its REGISTER was not answered once, so it is asked where it is.
fn led_astray(to: &str) -> (Bench, Provider) {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    bench.find_interfaces();
    bench.seconds(100);
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
    bench.names.insert("sip.provider.example".into(), vec![target(to)]);
    bench.lost.insert(provider.ua.at);
    (bench, provider)
}

/// The provider worked at its place, and the resolver's answer from then on is this.
fn led_to(targets: &[&str]) -> (Bench, Provider) {
    let (mut bench, provider) = led_astray(SECOND_SERVER);
    let targets = targets.iter().map(|at| target(at)).collect();
    bench.names.insert("sip.provider.example".into(), targets);
    (bench, provider)
}

/// What somebody at that address is sent that proves the office.
fn given_away(bench: &mut Bench, at: &str) -> bool {
    bench
        .take(at.parse().unwrap(), |message| match message {
            Message::Request(request) if request.method == Method::REGISTER => Some(()),
            Message::Request(_) | Message::Response(_) => None,
        })
        .is_some()
}

#[test]
fn b_35_where_a_made_up_answer_leads_nobody_is_told_anything_while_the_provider_is_where_it_was() {
    for (thief, told) in [("198.51.100.9:5060", "provider-moved"), ("192.168.1.66:5060", "provider-private")] {
        let (mut bench, provider) = led_astray(thief);
        bench.seconds(50);
        bench.lost.clear();
        let began = bench.now;
        while !bench.has_problem(told, "provider") {
            assert!(bench.now < began + Duration::from_secs(120), "{:?}", bench.problems());
            bench.seconds(1);
        }
        bench.seconds(600);
        assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
        assert!(!given_away(&mut bench, thief), "the office's REGISTER went to {thief}");
        assert!(bench.has_problem(told, "provider"));
        drop(provider);
    }
}

#[test]
fn b_35_a_provider_that_really_moved_is_followed_within_minutes_and_the_office_is_told() {
    let (mut bench, _) = led_astray("198.51.100.9:5060");
    let there = Provider::at(&mut bench, Transport::Udp, "198.51.100.9:5060");
    bench.seconds(300);
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected, "{:?}", bench.trunk("provider"));
    assert!(there.registers() > 0 && bench.has_problem("provider-moved", "provider"));
    // Within its own networks it goes wherever it likes.
    let (mut bench, _) = led_astray("203.0.200.9:5060");
    Provider::at(&mut bench, Transport::Udp, "203.0.200.9:5060");
    bench.seconds(200);
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected, "{:?}", bench.trunk("provider"));
    assert!(!bench.has_problem("provider-moved", "provider"));
}

#[test]
fn b_35_a_true_address_beside_a_made_up_one_makes_that_no_truer() {
    let thief = "198.51.100.9:5060";
    let (mut bench, provider) = led_to(&[thief, SECOND_SERVER]);
    let second = Provider::at(&mut bench, Transport::Udp, SECOND_SERVER);
    bench.seconds(600);
    assert!(second.registers() > 0 && !given_away(&mut bench, thief), "the office's REGISTER went to {thief}");
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
    assert!(bench.has_problem("provider-moved", "provider"), "{:?}", bench.problems());
    // Both known servers are silent twice: then it is followed, and the known ones still come first.
    bench.lost.insert(second.ua.at);
    let there = Provider::at(&mut bench, Transport::Udp, thief);
    let began = bench.now;
    while there.registers() == 0 {
        assert!(bench.now < began + Duration::from_secs(900), "{:?}", bench.trunk("provider"));
        bench.seconds(1);
    }
    assert!(bench.has_problem("provider-moved", "provider"));
    drop(provider);
}

#[test]
fn b_35_a_provider_in_several_networks_from_the_start_is_at_home_in_all_of_them() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    let other = Provider::at(&mut bench, Transport::Udp, "198.51.100.9:5060");
    let both = vec![target(&provider.ua.at.to_string()), target("198.51.100.9:5060")];
    bench.names.insert("sip.provider.example".into(), both);
    bench.find_interfaces();
    bench.seconds(100);
    bench.names.insert("sip.provider.example".into(), vec![target("198.51.100.9:5060")]);
    bench.lost.insert(provider.ua.at);
    bench.seconds(300);
    assert!(other.registers() > 0 && bench.trunk("provider").state == TrunkState::Connected);
    assert!(!bench.has_problem("provider-moved", "provider"), "{:?}", bench.problems());
}

#[test]
fn b_35_where_a_provider_was_is_known_after_a_restart_and_where_the_resolver_leads_then_is_told() {
    let mut before = Bench::switched_off(OFFICE, (10_000, 10_199));
    let _provider = Provider::new(&mut before);
    before.find_interfaces();
    before.seconds(100);
    let kept: Vec<_> = before.servers.values().cloned().collect();
    assert_eq!(kept.len(), 1);
    let other = OFFICE.replace("sip.provider.example", "sip.another.example");
    for (office, is_told) in [(OFFICE, true), (&other, false)] {
        let mut bench = Bench::switched_off(office, (10_000, 10_199));
        for name in ["sip.provider.example", "sip.another.example"] {
            bench.names.insert(name.into(), vec![target("198.51.100.9:5060")]);
        }
        bench.input(Input::Servers(kept.clone()));
        bench.find_interfaces();
        bench.seconds(100);
        assert_eq!(bench.has_problem("provider-moved", "provider"), is_told, "{:?}", bench.problems());
    }
}

/// A provider that was followed, and is asked anew where it is: its answer to a REGISTER was missed once.
fn is_asked_again(bench: &mut Bench, at: &Provider) {
    bench.lost.insert(at.ua.at);
    bench.seconds(100);
    bench.lost.clear();
    bench.seconds(300);
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected, "{:?}", bench.trunk("provider"));
}

#[test]
fn b_35_where_the_box_followed_is_told_until_it_worked_there_for_three_days_or_somebody_saved_the_provider() {
    let (mut bench, _) = led_astray("198.51.100.9:5060");
    let there = Provider::at(&mut bench, Transport::Udp, "198.51.100.9:5060");
    bench.seconds(300);
    let old = std::mem::take(&mut bench.lost);
    for _ in 0..2 {
        is_asked_again(&mut bench, &there);
        assert!(bench.has_problem("provider-moved", "provider"), "{:?}", bench.problems());
        bench.seconds(24 * 3_600);
    }
    assert!(bench.has_problem("provider-moved", "provider"));
    bench.seconds(24 * 3_600);
    assert!(!bench.has_problem("provider-moved", "provider"), "three days");
    is_asked_again(&mut bench, &there);
    assert!(!bench.has_problem("provider-moved", "provider"));
    drop(old);
    // Whoever saves the provider anew says that it is right.
    let (mut bench, _) = led_astray("198.51.100.9:5060");
    let there = Provider::at(&mut bench, Transport::Udp, "198.51.100.9:5060");
    bench.seconds(300);
    assert!(bench.has_problem("provider-moved", "provider"));
    bench.settle(&OFFICE.replace("sip.provider.example\"", "sip.provider.example:5060\""));
    bench.seconds(100);
    is_asked_again(&mut bench, &there);
    assert!(!bench.has_problem("provider-moved", "provider"), "{:?}", bench.problems());
}

#[test]
fn b_35_of_a_provider_that_is_taken_away_nothing_is_told_any_more() {
    let (mut bench, _) = led_astray("198.51.100.9:5060");
    bench.seconds(300);
    assert!(bench.has_problem("provider-moved", "provider"));
    bench.settle(&OfficeText::without_trunks());
    assert!(!bench.has_problem("provider-moved", "provider"));
}

#[test]
fn b_35_help_is_asked_for_where_the_name_leads_when_every_server_of_the_old_place_is_silent() {
    let old = [Provider::ADDRESS, SECOND_SERVER, "203.0.113.7:5060", "203.0.113.8:5060"];
    for servers in 1..=old.len() {
        let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
        let old: Vec<_> = old[..servers].iter().map(|at| target(at)).collect();
        bench.names.insert("sip.provider.example".into(), old.clone());
        let _provider = Provider::new(&mut bench);
        bench.find_interfaces();
        bench.seconds(100);
        bench.lost.extend(old.iter().map(|server| server.remote));
        let there = Provider::at(&mut bench, Transport::Udp, "198.51.100.9:5060");
        let anna = bench.phone("201");
        bench.input(Input::Resolved { trunk: "provider".into(), targets: vec![target("198.51.100.9:5060")] });
        assert!(bench.take_request(there.ua.at, &Method::REGISTER).is_none() && there.registers() == 0);
        let draft = anna.invite_draft(&mut bench, "112");
        anna.send(&mut bench, &draft);
        let began = bench.now;
        while bench.take_request(there.ua.at, &Method::INVITE).is_none() {
            assert!(bench.now < began + Duration::from_secs(10), "help was not asked for there: {servers} servers");
            bench.seconds(1);
        }
    }
}

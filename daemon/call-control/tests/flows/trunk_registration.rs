//! Registering at a provider, for better and for worse: never a storm, whatever it answers.

use std::time::Duration;

use centrale_call_control::view::TrunkState;
use centrale_call_control::{Input, WayOut};
use centrale_sip::flow::{Target, Transport};
use centrale_sip::message::HeaderName;

use crate::bench::{Bench, OFFICE, OfficeText, Provider};

fn target(at: &str) -> Target {
    Target::new(Transport::Udp, at.parse().unwrap())
}

#[test]
fn a_trunk_registers_as_soon_as_its_server_and_our_addresses_are_known_whichever_comes_first() {
    for interfaces_first in [true, false] {
        let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
        let provider = Provider::new(&mut bench);
        bench.resolver_answers = false;
        bench.input(centrale_call_control::Input::Timeout);
        let resolved = || centrale_call_control::Input::Resolved {
            trunk: "provider".into(),
            targets: vec![target(Provider::ADDRESS)],
        };
        if interfaces_first {
            bench.find_interfaces();
            bench.input(resolved());
        } else {
            bench.input(resolved());
            assert_eq!(provider.registers(), 0, "there is no address to register yet");
            bench.find_interfaces();
        }
        assert_eq!(bench.asked.len(), 1, "one question is enough");
        assert_eq!(provider.registers(), 2, "once without credentials, once with");
        assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
        bench.over();
    }
}

#[test]
fn the_challenge_is_answered_with_the_strongest_that_the_provider_lists_first() {
    for (algorithm, length) in [("MD5", 32), ("SHA-256", 64)] {
        let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
        let provider = Provider::new(&mut bench);
        let challenge = format!(r#"realm="provider", nonce="n", qop="auth", algorithm={algorithm}"#);
        provider.registrar.borrow_mut().challenge = Some(challenge);
        bench.find_interfaces();
        let credentials = provider.registrar.borrow().credentials.clone();
        let response = credentials.split("response=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(response.len(), length, "{credentials}");
        assert!(credentials.contains(&format!("algorithm={algorithm}")));
        let seen = provider.registrar.borrow().seen.clone();
        let numbers: Vec<_> = seen.iter().map(|request| request.headers.cseq().unwrap().number).collect();
        assert_eq!(numbers, [1, 2]);
        assert_eq!(seen[0].headers.call_id(), seen[1].headers.call_id());
        bench.over();
    }
}

#[test]
fn a_registration_is_refreshed_before_it_expires() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    bench.seconds(1);
    bench.settle(&OfficeText::without_trunks());
    bench.settle(OFFICE);
    let start = bench.now;
    bench.seconds(3600);
    let registers = provider.registrar.borrow().registers.clone();
    let with_credentials: Vec<u64> = registers
        .iter()
        .filter(|(at, expires, proven)| *proven && *expires > 0 && *at >= start)
        .map(|(at, ..)| (*at - start).as_secs())
        .collect();
    assert_eq!(with_credentials, [0, 480, 960, 1440, 1920, 2400, 2880, 3360]);
    bench.over();
}

#[test]
fn what_the_provider_grants_counts_and_not_what_was_asked() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    provider.registrar.borrow_mut().grants = 60;
    bench.find_interfaces();
    bench.seconds(479);
    assert_eq!(provider.registers(), 2 * 10, "every 48 seconds");
    bench.over();
}

#[test]
fn a_provider_that_wants_longer_registrations_gets_them() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    provider.registrar.borrow_mut().verdict = Some((423, "Min-Expires: 1800\r\n".into()));
    bench.find_interfaces();
    let asked: Vec<u32> = provider.registrar.borrow().registers.iter().map(|(_, expires, _)| *expires).collect();
    assert_eq!(asked, [600, 600, 1800, 1800]);
    assert_ne!(bench.trunk("provider").state, TrunkState::Connected);
    assert!(provider.registers() == 4, "a provider that says so again is not believed twice");
    bench.over();
}

/// What a provider says for ever, and how many REGISTERs a day of it brings at most.
#[test]
fn a_refusing_provider_is_never_stormed_in_24_hours() {
    let refused = |status: u16| (status, String::new());
    type Verdict = Option<(u16, String)>;
    let table: [(&str, Verdict, Verdict, TrunkState, std::ops::RangeInclusive<usize>); 9] = [
        ("a definite no", None, Some(refused(403)), TrunkState::Refused, 2..=2),
        ("no such account", Some(refused(404)), None, TrunkState::Refused, 1..=1),
        ("a wrong password", None, Some((401, CHALLENGE.into())), TrunkState::Refused, 2..=2),
        ("a stale nonce for ever", None, Some((401, STALE.into())), TrunkState::Refused, 3..=3),
        (
            "a challenge nobody can answer",
            Some((401, "WWW-Authenticate: Bearer\r\n".into())),
            None,
            TrunkState::Refused,
            1..=1,
        ),
        ("out of order", Some(refused(500)), None, TrunkState::Unreachable, 40..=110),
        ("busy", Some((503, "Retry-After: 7200\r\n".into())), None, TrunkState::Unreachable, 20..=26),
        (
            "busy for a century",
            Some((503, "Retry-After: 4294967295\r\n".into())),
            None,
            TrunkState::Unreachable,
            20..=26,
        ),
        (
            "too brief for ever",
            None,
            Some((423, "Min-Expires: 99999999\r\n".into())),
            TrunkState::Unreachable,
            80..=220,
        ),
    ];
    for (name, at_once, verdict, state, most) in table {
        let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
        let provider = Provider::new(&mut bench);
        (provider.registrar.borrow_mut().at_once, provider.registrar.borrow_mut().verdict) = (at_once, verdict);
        bench.find_interfaces();
        bench.seconds(24 * 3600);
        assert!(most.contains(&provider.registers()), "{name}: {} REGISTERs", provider.registers());
        assert_eq!(bench.trunk("provider").state, state, "{name}");
        let problem = if state == TrunkState::Refused { "trunk-refused" } else { "trunk-unreachable" };
        assert!(bench.has_problem(problem, "provider"), "{name}: {:?}", bench.problems());
        if state == TrunkState::Refused {
            let options = provider.registrar.borrow().options.len();
            bench.seconds(3600);
            assert_eq!(provider.registrar.borrow().options.len(), options, "{name}: silence");
        }
        bench.over();
    }
}

const CHALLENGE: &str = "WWW-Authenticate: Digest realm=\"provider\", nonce=\"n2\", qop=\"auth\"\r\n";
const STALE: &str = "WWW-Authenticate: Digest realm=\"provider\", nonce=\"n2\", qop=\"auth\", stale=true\r\n";

#[test]
fn other_settings_wake_a_refused_trunk() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    provider.registrar.borrow_mut().verdict = Some((403, String::new()));
    bench.find_interfaces();
    assert_eq!(bench.trunk("provider").detail, "403 Status");
    provider.registrar.borrow_mut().verdict = None;
    bench.settle(&OFFICE.replace("Bakkerij", "Slagerij"));
    assert_eq!(bench.trunk("provider").state, TrunkState::Refused, "nothing changed for the provider");
    bench.settle(&OFFICE.replace("provider-secret", "the right one"));
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
    assert!(!bench.has_problem("trunk-refused", "provider"));
    bench.over();
}

#[test]
fn a_silent_provider_is_asked_once_in_half_a_minute_for_hours_and_found_again_by_itself() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    provider.registrar.borrow_mut().silent = true;
    bench.find_interfaces();
    bench.seconds(6 * 3600);
    let gaps: Vec<u64> = provider.tries().windows(2).map(|pair| (pair[1].0 - pair[0].0).as_secs()).collect();
    assert!(gaps.iter().all(|gap| (30..=35).contains(gap)), "{gaps:?}");
    assert_eq!(bench.trunk("provider").state, TrunkState::Unreachable);

    // It took the REGISTER that is on its way, and answers the next one.
    provider.registrar.borrow_mut().silent = false;
    bench.seconds(35);
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
    assert!(!bench.has_problem("trunk-unreachable", "provider"));
    bench.over();
}

#[test]
fn the_providers_next_server_is_tried_at_once() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let (first, second) = ("203.0.113.4:5060", Provider::ADDRESS);
    bench.names.insert("sip.provider.example".into(), vec![target(first), target(second)]);
    bench.lost.insert(first.parse().unwrap());
    let provider = Provider::new(&mut bench);
    bench.find_interfaces();
    bench.seconds(33);
    assert_eq!(provider.registers(), 2);
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
    let asked = provider.registrar.borrow().options.len();
    bench.seconds(300);
    assert!(provider.registrar.borrow().options.len() >= asked + 4, "its health is watched there too");
    bench.over();
}

#[test]
fn a_name_that_is_found_nowhere_is_looked_up_again_later() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    let targets = bench.names.remove("sip.provider.example").unwrap();
    bench.find_interfaces();
    assert_eq!(bench.trunk("provider").state, TrunkState::Unreachable);
    bench.seconds(3600);
    assert!((120..=240).contains(&bench.asked.len()), "{}: it burdens no provider", bench.asked.len());
    bench.names.insert("sip.provider.example".into(), targets);
    bench.seconds(30);
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
    assert_eq!(provider.registers(), 2 + 2 * (provider.registers() / 2 - 1));
    bench.over();
}

#[test]
fn a_provider_that_stops_answering_questions_is_unreachable_and_one_that_never_did_is_not() {
    for answered_before in [true, false] {
        let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
        let provider = Provider::new(&mut bench);
        provider.registrar.borrow_mut().deaf_to_options = !answered_before;
        bench.find_interfaces();
        bench.seconds(130);
        assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
        provider.registrar.borrow_mut().deaf_to_options = true;
        provider.registrar.borrow_mut().silent = answered_before;
        bench.seconds(200);
        let expected = if answered_before { TrunkState::Unreachable } else { TrunkState::Connected };
        assert_eq!(bench.trunk("provider").state, expected);
        bench.over();
    }
}

#[test]
fn a_removed_trunk_signs_off_and_answers_the_challenge_to_that() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    bench.settle(&OfficeText::without_trunks());
    bench.settle(OFFICE);
    bench.settle(&OfficeText::without_trunks());
    let registers = provider.registrar.borrow().registers.clone();
    let last = registers.last().unwrap();
    assert_eq!((last.1, last.2), (0, true), "expires 0, with credentials");
    assert_eq!(provider.registrar.borrow().contact, "");
    let before = provider.registers();
    bench.seconds(24 * 3600);
    assert_eq!(provider.registers(), before);
    assert!(bench.has_problem("no-provider", ""));
    bench.over();
}

#[test]
fn new_numbers_on_a_trunk_do_not_disturb_its_registration() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    bench.settle(&OFFICE.replace("\"+31201234568\"]", "\"+31201234568\", \"+31201234569\"]"));
    assert_eq!(provider.registers(), 0, "nothing is sent for it");
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
    bench.over();
}

#[test]
fn a_new_address_of_the_box_is_registered_at_once_and_the_same_ones_are_not() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    bench.find_interfaces();
    assert_eq!(provider.registers(), 0);
    let moved =
        centrale_call_control::LocalAddress { ip: "10.0.0.7".parse().unwrap(), prefix: 24, default_route: true };
    bench.input(centrale_call_control::Input::Interfaces(centrale_call_control::Interfaces::new(vec![moved])));
    assert_eq!(provider.registers(), 2);
    assert!(provider.registrar.borrow().contact.contains("@10.0.0.7:5060"));
    bench.over();
}

#[test]
fn a_lost_connection_to_the_provider_is_made_anew() {
    let mut bench =
        Bench::switched_off(&OFFICE.replace("transport = \"udp\"", "transport = \"tcp\""), (10_000, 10_199));
    let provider = Provider::at(&mut bench, Transport::Tcp, Provider::ADDRESS);
    let remote = Provider::ADDRESS.parse().unwrap();
    bench.names.insert("sip.provider.example".into(), vec![Target::new(Transport::Tcp, remote)]);
    bench.find_interfaces();
    assert_eq!(provider.registers(), 2);
    assert!(provider.registrar.borrow().contact.contains("transport=tcp"));
    bench.seconds(60);
    bench.break_connection(Transport::Tcp, provider.ua.at);
    bench.advance(Duration::from_secs(5));
    assert_eq!(provider.registers(), 4);
    // One that comes and goes is not registered at more often than twice a minute.
    bench.break_connection(Transport::Tcp, provider.ua.at);
    bench.advance(Duration::from_secs(20));
    assert_eq!(provider.registers(), 4);
    bench.advance(Duration::from_secs(15));
    assert_eq!(provider.registers(), 6);
    bench.over();
}

#[test]
fn no_register_carries_the_secret() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    bench.settle(&OfficeText::without_trunks());
    bench.settle(OFFICE);
    for request in &provider.registrar.borrow().seen {
        let text = String::from_utf8_lossy(&request.to_bytes()).into_owned();
        assert!(!text.contains("provider-secret"));
        assert_eq!(request.headers.text(&HeaderName::MaxForwards).as_deref(), Some("70"));
    }
    bench.over();
}

/// A box that is registered, and the provider.
fn registered() -> (Bench, Provider) {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    bench.find_interfaces();
    (bench, provider)
}

fn lists(provider: &Provider, others: &[String]) {
    provider.registrar.borrow_mut().others = others.to_vec();
}

#[test]
fn a_028_whoever_registers_with_the_offices_password_elsewhere_is_told_until_it_is_gone() {
    let (mut bench, provider) = registered();
    let thief = "<sip:office@198.51.100.66:5060>;expires=3600";
    lists(&provider, &[thief.to_owned()]);
    bench.seconds(490);
    assert!(bench.has_problem("trunk-elsewhere", "provider"));
    let told = bench.problems().into_iter().find(|problem| problem.code == "trunk-elsewhere").unwrap();
    assert_eq!(told.detail, "sip:office@198.51.100.66:5060");
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected, "it is told, and nothing is switched off");
    lists(&provider, &[]);
    bench.seconds(490);
    assert!(!bench.has_problem("trunk-elsewhere", "provider"));
    bench.over();
}

#[test]
fn a_028_a_thief_whose_contact_is_named_as_the_doctors_are_is_told_as_well() {
    let (mut bench, provider) = registered();
    bench.input(Input::WayOut(WayOut { gateway: None, quotes: false }));
    bench.seconds(60);
    lists(&provider, &["<sip:x0123456789abcdef@198.51.100.66:5060>;expires=3600".to_owned()]);
    bench.seconds(490);
    assert!(bench.has_problem("trunk-elsewhere", "provider"));
    bench.over();
}

#[test]
fn a_028_who_registers_elsewhere_is_told_within_minutes_where_the_provider_grants_an_hour() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    provider.registrar.borrow_mut().grants = 3600;
    bench.find_interfaces();
    bench.seconds(60);
    let registers = provider.registers();
    lists(&provider, &["<sip:office@198.51.100.66:5060>;expires=3600".to_owned()]);
    bench.seconds(310);
    assert!(bench.has_problem("trunk-elsewhere", "provider"));
    assert_eq!(provider.registers(), registers, "it was asked for that alone");
    bench.over();
}

#[test]
fn a_028_who_was_there_before_us_is_told_within_a_minute_once_it_shows_itself_alive() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    lists(&provider, &["<sip:office@198.51.100.66>;expires=100".to_owned()]);
    bench.find_interfaces();
    assert!(!bench.has_problem("trunk-elsewhere", "provider"), "it may be what the box itself left behind");
    bench.seconds(20);
    lists(&provider, &["<sip:office@198.51.100.66>;expires=580".to_owned()]);
    bench.seconds(40);
    assert!(bench.has_problem("trunk-elsewhere", "provider"));
    bench.settle(&OfficeText::without_trunks());
    assert!(!bench.has_problem("trunk-elsewhere", "provider"));
    bench.over();
}

#[test]
fn what_the_box_left_behind_and_a_contact_that_a_provider_rewrites_are_nobody_else() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let provider = Provider::new(&mut bench);
    lists(&provider, &["<sip:before@192.168.1.10>;expires=100".to_owned()]);
    bench.find_interfaces();
    for left in [100_u32, 55, 10] {
        lists(&provider, &[format!("<sip:before@192.168.1.10>;expires={left}")]);
        bench.seconds(45);
    }
    lists(&provider, &[]);
    bench.seconds(1_000);
    assert!(!bench.has_problem("trunk-elsewhere", "provider"));
    bench.over();
}

#[test]
fn a_provider_that_turns_away_the_password_which_worked_is_told_as_that() {
    let (mut bench, provider) = registered();
    provider.registrar.borrow_mut().verdict = Some((403, String::new()));
    bench.seconds(490);
    assert_eq!(bench.trunk("provider").reason, "trunk-locked-out");
    assert!(bench.has_problem("trunk-locked-out", "provider"));
    assert!(!bench.has_problem("trunk-refused", "provider"), "one word for one thing");
    bench.over();
}

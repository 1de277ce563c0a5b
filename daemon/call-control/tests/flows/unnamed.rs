//! An address of the box on the internet that nobody named to listen on: strangers hear nothing there, and help is called all the same.

use centrale_call_control::{Input, Interfaces, LocalAddress};
use centrale_guard::Civil;
use centrale_sip::flow::{Flow, FlowId, Target, Transport};
use centrale_sip::message::Response;

use crate::bench::{BOX, Bench, Draft, OFFICE, PORTS, Provider, Ua};
use crate::knock::{attacker, recognise, register_of, try_password};

#[test]
fn a_031_at_an_address_on_the_internet_strangers_hear_nothing_and_who_was_taken_in_from_there_does() {
    const PUBLIC: &str = "198.51.100.10";
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let address = |ip: &str, prefix| LocalAddress { ip: ip.parse().unwrap(), prefix, default_route: true };
    bench.input(Input::Interfaces(Interfaces::new(vec![address(BOX, 24), address(PUBLIC, 29)])));
    let hears = |bench: &mut Bench, at: &str, remote: &str| {
        let ua = Ua::new("201", Transport::Udp, remote);
        let text = register_of(&ua, bench).to_text();
        let local = format!("{at}:5060").parse().unwrap();
        let flow = Flow { id: FlowId(0), transport: Transport::Udp, local, remote: ua.at };
        bench.input(Input::Packet { flow, bytes: text.into_bytes().into() });
        bench.take_response(ua.at, |_| true).is_some()
    };
    let before = bench.counted("knock-not-opened");
    assert!(!hears(&mut bench, PUBLIC, "203.0.113.66:5060"));
    assert_eq!(bench.counted("knock-not-opened"), before + 1);
    assert!(bench.blocks.is_empty(), "it may be anybody's name");
    // Through a port that a router forwards, from the office, and beside the box.
    assert!(hears(&mut bench, BOX, "203.0.113.67:5060"));
    assert!(hears(&mut bench, PUBLIC, "192.168.1.77:5060") && hears(&mut bench, PUBLIC, "198.51.100.12:5060"));
    // A home worker whose phone was taken in, and whose router gave it another address since.
    let anna = Ua::new("201", Transport::Udp, "203.0.114.7:5060");
    assert!(!hears(&mut bench, PUBLIC, "203.0.114.9:5060"));
    assert_eq!(try_password(&anna, &mut bench, "anna-secret-201"), Some(200));
    recognise(&mut bench, "201", "203.0.114.7");
    assert!(hears(&mut bench, PUBLIC, "203.0.114.9:5060"));
    // The provider is heard wherever it comes to.
    let text =
        provider.ua.draft(&mut bench, "OPTIONS", "sip:office@192.168.1.10", "<sip:office@192.168.1.10>").to_text();
    let local = format!("{PUBLIC}:5060").parse().unwrap();
    let flow = Flow { id: FlowId(0), transport: Transport::Udp, local, remote: provider.ua.at };
    bench.input(Input::Packet { flow, bytes: text.into_bytes().into() });
    assert!(bench.take_response(provider.ua.at, |_| true).is_some());
}

/// An address of the box on the internet that nobody named.
const UNNAMED: &str = "198.51.100.10";

fn on_the_internet(names: Vec<Target>) -> Bench {
    let mut bench = Bench::switched_off(OFFICE, PORTS);
    bench.names.insert("sip.provider.example".into(), names);
    let address = |ip: &str, prefix| LocalAddress { ip: ip.parse().unwrap(), prefix, default_route: true };
    bench.input(Input::Interfaces(Interfaces::new(vec![address(BOX, 24), address(UNNAMED, 29)])));
    bench
}

/// Knocks there; the final answer, if there is one.
fn knock_there(bench: &mut Bench, ua: &Ua, draft: &Draft) -> Option<Response> {
    let flow = Flow {
        id: FlowId(0),
        transport: Transport::Udp,
        local: format!("{UNNAMED}:5060").parse().unwrap(),
        remote: ua.at,
    };
    bench.input(Input::Packet { flow, bytes: draft.to_text().into_bytes().into() });
    bench.take_response(ua.at, |response| response.status.is_final())
}

fn resolved() -> Vec<Target> {
    vec![Target::new(Transport::Udp, Provider::ADDRESS.parse().unwrap())]
}

#[test]
fn a_031_help_is_called_with_a_phone_that_moved_to_where_strangers_hear_nothing() {
    let mut bench = on_the_internet(resolved());
    let anna = Ua::new("201", Transport::Udp, "203.0.114.7:5060");
    let ordinary = anna.invite_draft(&mut bench, "0612345678");
    assert!(knock_there(&mut bench, &anna, &ordinary).is_none());
    let draft = anna.invite_draft(&mut bench, "112");
    let challenge = knock_there(&mut bench, &anna, &draft).expect("help hears everybody");
    assert_eq!((challenge.status.code(), bench.counted("emergency_calls")), (401, 0), "as everywhere outside");
    let proven = anna.proven(&mut bench, &draft, &challenge);
    assert!(knock_there(&mut bench, &anna, &proven).is_none());
    assert_eq!(bench.counted("emergency_calls"), 1);
    let cancel = proven.to_text().replace("INVITE sip", "CANCEL sip").replace(" INVITE\r\n", " CANCEL\r\n");
    let (head, _) = cancel.split_once("Content-Type").unwrap();
    bench.packet(anna.transport, anna.at, &format!("{head}Content-Length: 0\r\n\r\n"));
    assert!(bench.take_response(anna.at, |response| response.status.code() == 487).is_some());
}

#[test]
fn a_031_the_page_says_whose_phone_is_not_heard_and_outside_nobody_is_told() {
    let mut bench = on_the_internet(resolved());
    let told = |bench: &Bench| bench.problems().iter().filter(|problem| problem.code == "use-not-heard").count();
    for (user, shown) in [("299", 0), ("admin", 0), ("201", 1), ("201", 1), ("202", 2)] {
        let ua = Ua::new(user, Transport::Udp, &format!("203.0.114.7:50{user}").replace("admin", "99"));
        let draft = register_of(&ua, &mut bench);
        assert!(knock_there(&mut bench, &ua, &draft).is_none(), "{user}");
        assert_eq!(told(&bench), shown, "{user}");
        bench.seconds(1);
    }
    assert!(bench.has_problem("use-not-heard", "201"));
    // As many as are in the office, whoever asks; and no longer than somebody knocks.
    let clock = Civil { day: 20_000, minute: 600 };
    bench.seconds(3_500);
    bench.input(Input::Clock(clock));
    assert_eq!(told(&bench), 2);
    bench.seconds(200);
    bench.input(Input::Clock(clock));
    assert_eq!(told(&bench), 0);
}

#[test]
fn a_031_a_provider_that_is_not_found_opens_the_door_for_minutes_and_not_for_good() {
    let mut bench = on_the_internet(Vec::new());
    let mut last = 0;
    let mut hears = |bench: &mut Bench| {
        last += 1;
        let ua = attacker(&format!("203.0.113.{last}:5060"), "201");
        let draft = register_of(&ua, bench);
        knock_there(bench, &ua, &draft).is_some()
    };
    bench.seconds(500);
    assert!(hears(&mut bench), "it may be the provider that calls");
    bench.seconds(200);
    assert!(!hears(&mut bench), "the name leads nowhere, and the door was open to everybody");
    // A provider that is new has its time.
    bench.settle(&OFFICE.replace("username = \"", "username = \"new-"));
    assert!(hears(&mut bench));
    bench.seconds(700);
    assert!(!hears(&mut bench));
}

#[test]
fn a_031_home_workers_over_a_tunnel_with_shared_addresses_are_heard_and_prove_who_they_are() {
    let mut bench = Bench::switched_off(OFFICE, PORTS);
    let address = |ip: &str, prefix| LocalAddress { ip: ip.parse().unwrap(), prefix, default_route: true };
    bench.input(Input::Interfaces(Interfaces::new(vec![address(BOX, 24), address("100.64.3.1", 32)])));
    let anna = Ua::new("201", Transport::Udp, "100.64.7.9:5060");
    let draft = anna.invite_draft(&mut bench, "112");
    for (draft, name) in [(register_of(&anna, &mut bench), "REGISTER"), (draft, "INVITE")] {
        let local = "100.64.3.1:5060".parse().unwrap();
        let flow = Flow { id: FlowId(0), transport: Transport::Udp, local, remote: anna.at };
        bench.input(Input::Packet { flow, bytes: draft.to_text().into_bytes().into() });
        let challenge = bench.take_response(anna.at, |response| response.status.is_final());
        assert_eq!(challenge.map(|response| response.status.code()), Some(401), "{name}");
    }
}

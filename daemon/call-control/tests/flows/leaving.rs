//! A provider that is removed, or whose settings change: it hears of it by the way that calls took, and nothing of that way is
//! left. Two accounts at one provider keep their ways apart.

use centrale_alg::ladder::Step;
use centrale_call_control::view::{DoctorView, TrunkState};
use centrale_call_control::{Command, Input, KeptWay, Told};
use centrale_sip::flow::{Target, Transport};
use centrale_sip::message::{HeaderName, Method, Request};

use crate::bench::{Bench, Leg, OFFICE, OfficeText, Provider, helper_of_linux};
use crate::examine::{also_at, kept, office_of, switch_on};

/// An office whose calls go round a router by hiding where it is.
fn hidden_office() -> (Bench, Provider) {
    let (mut bench, provider) = office_of(OFFICE);
    helper_of_linux(&mut bench);
    switch_on(&mut bench);
    bench.seconds(60);
    assert_eq!(way(&bench, "provider"), "hidden addresses, public Contact");
    (bench, provider)
}

/// What the page says of the way to a provider.
pub(crate) fn way(bench: &Bench, name: &str) -> String {
    let of = |told: &Told| match told {
        Told::Doctor(view) if view.trunk == name => Some(DoctorView::clone(view)),
        _ => None,
    };
    bench.told.iter().rev().find_map(of).unwrap().way
}

fn field(request: &Request, name: &HeaderName) -> String {
    request.headers.text(name).unwrap().into_owned()
}

/// The REGISTERs that took a registration away.
fn sign_offs(provider: &Provider) -> Vec<Request> {
    let registrar = provider.registrar.borrow();
    let ends = |request: &&Request| field(request, &HeaderName::Expires) == "0";
    registrar.seen.iter().filter(ends).cloned().collect()
}

#[test]
fn a_provider_that_is_removed_is_signed_off_at_in_the_disguise_that_was_worn_and_its_ports_are_closed() {
    let (mut bench, provider) = hidden_office();
    assert!(!bench.open_ports.is_empty());
    bench.settle(&OfficeText::without_trunks());
    let said = sign_offs(&provider);
    assert_eq!(said.len(), 2, "once without credentials, once with");
    for request in &said {
        let (via, contact) = (field(request, &HeaderName::Via), field(request, &HeaderName::Contact));
        assert!(via.contains(".invalid:30001;"), "{via}");
        assert!(contact.contains("@198.51.100.77:25060>"), "{contact}");
    }
    assert_eq!(provider.registrar.borrow().contact, "", "the provider took it");
    bench.seconds(40);
    assert!(bench.open_ports.is_empty(), "{:?}", bench.open_ports);
    bench.over();
}

#[test]
fn a_provider_whose_settings_change_is_signed_off_at_by_the_old_way_and_registered_at_by_a_new_one() {
    let (mut bench, provider) = hidden_office();
    bench.settle(&OFFICE.replace("numbers =", "channels = 5\nnumbers ="));
    assert!(sign_offs(&provider).iter().all(|it| field(it, &HeaderName::Via).contains(".invalid:30001;")));
    let last = provider.registrar.borrow().seen.last().cloned().unwrap();
    assert!(!field(&last, &HeaderName::Via).contains(".invalid"), "the way is looked for anew");
    bench.seconds(120);
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
    assert_eq!(way(&bench, "provider"), "hidden addresses, public Contact");
    assert!(bench.open_ports.len() <= 2, "{:?}", bench.open_ports);
    bench.over();
}

#[test]
fn a_provider_that_is_met_at_another_port_or_over_tls_is_signed_off_at_there() {
    for (step, transport, at) in
        [(Step::OtherPort(5080), Transport::Udp, "203.0.113.5:5080"), (Step::Tls, Transport::Tls, "203.0.113.5:5061")]
    {
        let (mut bench, plain) = office_of(OFFICE);
        let there = also_at(&mut bench, transport, at);
        bench.streams.insert(Transport::Tls);
        bench.input(kept(step));
        bench.find_interfaces();
        assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
        bench.settle(&OfficeText::without_trunks());
        assert_eq!((sign_offs(&there).len(), sign_offs(&plain).len()), (2, 0), "{step}");
        let port = if transport == Transport::Udp { ":30001;" } else { ":5061;" };
        assert!(sign_offs(&there).iter().all(|it| field(it, &HeaderName::Via).contains(port)), "{step}");
        bench.seconds(40);
        assert!(bench.open_ports.is_empty(), "{step}: {:?}", bench.open_ports);
        bench.over();
    }
}

#[test]
fn a_call_that_ends_because_its_provider_is_removed_ends_in_the_disguise_that_it_was_made_in() {
    let (mut bench, provider) = hidden_office();
    let anna = bench.phone("201");
    let call = anna.call(&mut bench, "0612345678");
    let (mut call, mut ring) = bench.answered(call, &provider.ua);
    bench.settle(&OfficeText::without_trunks());
    let bye = ring.expect_request(&mut bench, &Method::BYE);
    assert!(field(&bye, &HeaderName::Via).contains(".invalid:30001;"), "{}", field(&bye, &HeaderName::Via));
    ring.respond(&mut bench, 200, None);
    call.expect_bye(&mut bench);
    bench.seconds(80);
    assert!(bench.open_ports.is_empty(), "{:?}", bench.open_ports);
    bench.over();
}

#[test]
fn a_call_for_help_goes_on_over_a_provider_that_is_removed_and_hangs_up_as_it_was_made() {
    let (mut bench, provider) = hidden_office();
    let anna = bench.phone("201");
    let draft = anna.invite_draft(&mut bench, "112");
    let call = Leg::calling(&anna, &mut bench, &draft);
    let (mut call, mut ring) = bench.answered(call, &provider.ua);
    bench.settle(&OfficeText::without_trunks());
    bench.seconds(120);
    assert_eq!(bench.open_ports.len(), 1, "the call still goes by it");
    call.hang_up(&mut bench);
    let bye = ring.expect_request(&mut bench, &Method::BYE);
    assert!(field(&bye, &HeaderName::Via).contains(".invalid:30001;"), "{}", field(&bye, &HeaderName::Via));
    ring.respond(&mut bench, 200, None);
    bench.seconds(80);
    assert!(bench.open_ports.is_empty(), "{:?}", bench.open_ports);
    bench.over();
}

#[test]
fn a_port_that_is_opened_for_a_provider_that_is_gone_meanwhile_is_closed_again() {
    let (mut bench, _provider) = office_of(OFFICE);
    bench.find_interfaces();
    bench.settle(&OfficeText::without_trunks());
    let flow = bench.unasked_port();
    bench.input(Input::PortOpened { trunk: "provider".into(), flow: Some(flow) });
    assert!(bench.open_ports.is_empty(), "{:?}", bench.open_ports);
    bench.over();
}

/// A second account at the first provider's server.
fn two_accounts() -> String {
    format!(
        "{OFFICE}
[[trunk]]
name = \"other\"
server = \"sip.provider.example\"
transport = \"udp\"
username = \"workshop\"
password = \"workshop-secret\"
register = true
numbers = [\"+31301234567\"]
"
    )
}

/// What stands in Via of the last REGISTER of an account: its host.
fn shown_by(provider: &Provider, username: &str) -> String {
    let registrar = provider.registrar.borrow();
    let of = |request: &&Request| field(request, &HeaderName::From).contains(&format!("sip:{username}@"));
    let via = field(registrar.seen.iter().rfind(of).unwrap(), &HeaderName::Via);
    via.split([' ', ':']).nth(1).unwrap().to_owned()
}

#[test]
fn two_accounts_at_one_server_each_have_a_disguise_of_their_own_with_and_without_a_port_of_their_own() {
    for has_ports in [true, false] {
        let (mut bench, provider) = office_of(&two_accounts());
        bench.gives_ports = has_ports;
        helper_of_linux(&mut bench);
        switch_on(&mut bench);
        bench.seconds(240);
        let ways = ["provider", "other"].map(|name| way(&bench, name));
        assert_eq!(ways, ["hidden addresses, public Contact", "hidden addresses, public Contact"], "{has_ports}");
        let names = ["office", "workshop"].map(|username| shown_by(&provider, username));
        assert!(names.iter().all(|name| name.ends_with(".invalid")) && names[0] != names[1], "{has_ports}: {names:?}");
        assert_eq!(bench.counted("rewritten-vias"), 0, "each answer is understood");
        bench.over();
    }
}

#[test]
fn an_answer_to_what_left_in_a_disguise_is_understood_after_that_was_taken_off() {
    let (mut bench, provider) = hidden_office();
    // Its answer to a question stays on the way until the plain way is taken.
    provider.registrar.borrow_mut().deaf_to_options = true;
    bench.seconds(20);
    let question = provider.asked_last();
    assert!(field(&question, &HeaderName::Via).contains(".invalid"));
    provider.registrar.borrow_mut().deaf_to_options = false;
    (bench.router, bench.router_back) = (None, None);
    for _ in 0..2 {
        bench.command(Command::Examine { trunk: "provider".into() });
        bench.seconds(3);
    }
    let before = bench.counted("rewritten-vias");
    let answer = provider.ua.response_text(&question, 200, Some("late"), "", "");
    bench.packet(Transport::Udp, provider.ua.at, &answer);
    assert_eq!(bench.counted("rewritten-vias"), before);
    bench.over();
}

#[test]
fn a_provider_of_which_the_resolver_names_other_machines_each_time_is_met_from_one_port() {
    let (mut bench, provider) = office_of(OFFICE);
    let servers = ["203.0.113.5:5060", "203.0.113.6:5060", "203.0.113.7:5060"];
    let found = |order: [usize; 3]| order.map(|at| Target::new(Transport::Udp, servers[at].parse().unwrap())).to_vec();
    let others = [1, 2].map(|at| Provider::at(&mut bench, Transport::Udp, servers[at]));
    bench.names.insert("sip.provider.example".into(), found([0, 1, 2]));
    let (trunk, server) = ("provider".to_owned(), "sip.provider.example:5060/udp".to_owned());
    let public = Some("198.51.100.77:25060".parse().unwrap());
    bench.input(Input::Ways(vec![KeptWay { trunk, server, step: Step::HideWithPublicContact, public }]));
    bench.find_interfaces();
    bench.seconds(60);
    assert_eq!((bench.trunk("provider").state, bench.opened_ports), (TrunkState::Connected, 1));
    for (at, order) in [[1, 2, 0], [2, 0, 1], [0, 1, 2]].into_iter().enumerate() {
        bench
            .names
            .insert("sip.provider.example".into(), if at == 1 { found(order)[..1].to_vec() } else { found(order) });
        // All of them are away for two minutes, and their name is asked for.
        bench.lost.extend(servers.iter().map(|at| at.parse::<std::net::SocketAddr>().unwrap()));
        bench.seconds(120);
        bench.lost.clear();
        bench.seconds(300);
        assert_eq!(bench.trunk("provider").state, TrunkState::Connected, "{order:?}");
    }
    assert!(bench.asked.len() > 3, "{:?}", bench.asked);
    assert_eq!(bench.opened_ports, 1, "what one port hears suffices");
    drop((provider, others));
    bench.over();
}

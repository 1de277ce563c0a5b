//! The doctor's own questions: a router that hides what it does is found by them within the first minute, an honest one is not
//! accused, and nobody is asked more often than is decent.

use std::cell::Cell;
use std::net::IpAddr;
use std::rc::Rc;

use centrale_alg::active::Socket;
use centrale_alg::ladder::Step;
use centrale_call_control::view::{DoctorView, TrunkState};
use centrale_call_control::{Command, Input, KeptWay, Told, WayOut};
use centrale_sip::flow::{Flow, Target, Transport};
use centrale_sip::message::{HeaderName, Method, Request};

use crate::bench::{
    BOX, Bench, Leg, OFFICE, OUTSIDE, OfficeText, PORTS, Provider, Registrar, Router, Ua, helper_of_linux,
};
use crate::leaving::way as way_of;

const REWRITES: &str = "router-rewrites";
const PASSED: &str = "router-passed";
const GATEWAY: [u8; 6] = [0, 0x1d, 0xaa, 1, 2, 3];

/// An office behind a router that translates addresses, before it is switched on.
pub(crate) fn office() -> (Bench, Provider) {
    office_of(OFFICE)
}

/// The same, as its file says.
pub(crate) fn office_of(text: &str) -> (Bench, Provider) {
    let mut bench = Bench::switched_off(text, PORTS);
    let provider = Provider::new(&mut bench);
    provider.registrar.borrow_mut().sees = Some((OUTSIDE.into(), 25_060));
    (bench, provider)
}

pub(crate) fn switch_on(bench: &mut Bench) {
    bench.find_interfaces();
    bench.input(Input::WayOut(WayOut { gateway: Some(GATEWAY), quotes: false }));
}

pub(crate) fn says(bench: &Bench) -> DoctorView {
    let view = |told: &Told| if let Told::Doctor(view) = told { Some(DoctorView::clone(view)) } else { None };
    bench.told.iter().rev().find_map(view).unwrap()
}

pub(crate) fn rounds(bench: &Bench) -> usize {
    let begun = |told: &&Told| matches!(told, Told::Doctor(view) if view.examining);
    bench.told.iter().filter(begun).count()
}

pub(crate) fn outcome(view: &DoctorView, name: &str) -> String {
    view.probes.iter().find(|probe| probe.name == name).unwrap().outcome.clone()
}

#[test]
fn a_router_that_undoes_its_changes_in_answers_is_proven_within_a_minute_of_the_first_registration() {
    let (mut bench, _provider) = office();
    helper_of_linux(&mut bench);
    switch_on(&mut bench);
    bench.seconds(60);
    let view = says(&bench);
    assert_eq!((view.interference.as_str(), view.confidence.as_str()), ("proven", "certain"), "{view:?}");
    assert_eq!(["V1", "V2", "V3"].map(|name| outcome(&view, name)), ["hit"; 3]);
    assert_eq!((view.advice.as_str(), view.avoided_by.as_str()), ("switch-off-in-router", "TLS"));
    assert_eq!((view.gateway.as_str(), &view.routers[..]), ("00:1d:aa:01:02:03", &["DrayTek Vigor".to_owned()][..]));
    assert!(view.evidence.iter().all(|it| !it.what.is_empty() && !it.expected.is_empty()), "{view:?}");
    let told = |told: &Told| matches!(told, Told::Problem(problem) if problem.code == REWRITES);
    assert!(bench.told.iter().any(told));
    assert!(bench.has_problem(PASSED, "provider"), "and then gone round");
    bench.over();
}

#[test]
fn an_honest_router_is_examined_and_not_accused() {
    let (mut bench, provider) = office();
    switch_on(&mut bench);
    bench.seconds(60);
    let view = says(&bench);
    assert_eq!((view.interference.as_str(), view.advice.as_str()), ("none", "no-sign"), "{view:?}");
    assert_eq!(["V0", "V1", "V2", "V3", "V4", "V12"].map(|name| outcome(&view, name)), ["clean"; 6]);
    assert_eq!(outcome(&view, "V7"), "skipped", "no quote can be read here");
    assert!(!bench.has_problem(REWRITES, "provider"));
    assert!(bench.probes.is_empty(), "every throw-away socket is closed: {:?}", bench.probes);
    assert!(provider.registrar.borrow().bound.is_empty(), "what was bound at the registrar is taken away again");
    assert_eq!(outcome(&view, "V6"), "clean");
    bench.over();
}

#[test]
fn what_spoils_a_flow_never_goes_over_the_sip_port_and_no_invite_can_ring() {
    let (mut bench, provider) = office();
    helper_of_linux(&mut bench);
    switch_on(&mut bench);
    bench.seconds(60);
    let invites: Vec<_> = bench.probed.iter().filter(|(.., line)| line.starts_with("INVITE ")).collect();
    assert!((5..=14).contains(&invites.len()), "{}", invites.len());
    assert!(invites.iter().all(|(_, socket, _)| matches!(socket, Socket::Invites | Socket::Odd)));
    assert!(bench.unread().is_empty(), "no INVITE came by the SIP port");
    assert!(bench.probed.len() < 100, "{}", bench.probed.len());
    drop(provider);
}

#[test]
fn a_router_that_was_mended_is_forgiven_when_somebody_asks_again() {
    let (mut bench, _provider) = office();
    helper_of_linux(&mut bench);
    switch_on(&mut bench);
    bench.seconds(60);
    assert!(bench.has_problem(PASSED, "provider"));
    (bench.router, bench.router_back) = (None, None);
    bench.command(Command::Examine { trunk: "provider".into() });
    bench.seconds(60);
    assert_eq!(says(&bench).interference, "none");
    assert!(!bench.has_problem(PASSED, "provider") && !bench.has_problem(REWRITES, "provider"));
    bench.over();
}

#[test]
fn who_presses_the_button_again_and_again_sends_one_round_a_minute() {
    let (mut bench, _provider) = office();
    switch_on(&mut bench);
    bench.seconds(120);
    assert_eq!(rounds(&bench), 1);
    for _ in 0..60 {
        bench.command(Command::Examine { trunk: "provider".into() });
        bench.seconds(1);
    }
    bench.seconds(180);
    assert!((2..=3).contains(&rounds(&bench)), "{}", rounds(&bench));
    bench.command(Command::Examine { trunk: "nobody".into() });
    bench.over();
}

#[test]
fn a_new_router_and_a_new_address_on_the_internet_are_examined_once_they_have_settled() {
    let (mut bench, provider) = office();
    switch_on(&mut bench);
    bench.seconds(120);
    bench.input(Input::WayOut(WayOut { gateway: Some(GATEWAY), quotes: false }));
    bench.input(Input::WayOut(WayOut { gateway: None, quotes: false }));
    bench.seconds(120);
    assert_eq!(rounds(&bench), 1, "the same router, and one that the kernel forgot for a while");
    bench.input(Input::WayOut(WayOut { gateway: Some([2; 6]), quotes: false }));
    bench.seconds(120);
    assert_eq!(rounds(&bench), 2);
    provider.registrar.borrow_mut().sees = Some(("198.51.100.78".into(), 25_060));
    bench.seconds(150);
    assert_eq!(rounds(&bench), 3);
    bench.over();
}

#[test]
fn a_day_without_anything_new_has_one_round_at_night_and_it_sends_five_questions() {
    let (mut bench, _provider) = office();
    switch_on(&mut bench);
    bench.seconds(120);
    let asked = bench.probed.len();
    bench.seconds(24 * 3600);
    assert_eq!(rounds(&bench), 2);
    assert_eq!(bench.probed.len(), asked, "all of it over the SIP port");
    bench.over();
}

#[test]
fn a_provider_that_is_taken_away_takes_its_sockets_with_it() {
    let (mut bench, _provider) = office();
    bench.router = Some(Box::new(|text| (!text.starts_with("INVITE ")).then(|| text.to_owned())));
    switch_on(&mut bench);
    bench.seconds(2);
    assert!(!bench.probes.is_empty());
    bench.settle(&OfficeText::without_trunks());
    assert!(bench.probes.is_empty(), "{:?}", bench.probes);
    bench.over();
}

/// The way that calls take now.
fn way(bench: &Bench) -> String {
    says(bench).way
}

#[test]
fn a_router_that_is_proven_is_gone_round_by_itself_and_calls_pass_it_untouched() {
    let (mut bench, provider) = office();
    helper_of_linux(&mut bench);
    switch_on(&mut bench);
    let anna = bench.phone("201");
    bench.seconds(60);
    assert_eq!(way(&bench), "hidden addresses, public Contact");
    let told = provider.registrar.borrow().seen.last().cloned().unwrap();
    let field = |name| told.headers.text(&name).unwrap().into_owned();
    assert!(field(HeaderName::Via).contains(".invalid:30001;"), "{}", field(HeaderName::Via));
    assert!(field(HeaderName::Contact).contains("@198.51.100.77:25060>"), "{}", field(HeaderName::Contact));
    let mut call = anna.call(&mut bench, "0612345678");
    let mut ring = provider.ua.rung(&mut bench);
    let offer = String::from_utf8_lossy(&ring.asked().body).into_owned();
    assert!(offer.contains("c=IN IP4 198.51.100.77") && !offer.contains(BOX), "{offer}");
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    bench.seconds(60);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert_eq!(bench.exchange.counters().signs_of_rewriting, 0, "nothing that passes is changed any more");
    bench.over();
}

#[test]
fn whoever_calls_the_office_where_it_hides_reaches_it_also_by_its_own_address() {
    let (mut bench, provider) = office();
    helper_of_linux(&mut bench);
    switch_on(&mut bench);
    let bram = bench.phone("202");
    bench.seconds(60);
    let user = provider.contact_user();
    // The public address as it was registered, and ours where a router maps it back.
    for host in ["198.51.100.77:25060", "192.168.1.10:5060"] {
        let to = "<sip:+31201234568@sip.provider.example>";
        let draft = provider.ua.draft(&mut bench, "INVITE", &format!("sip:{user}@{host}"), to).sdp(&provider.ua.sdp());
        let mut call = Leg::calling(&provider.ua, &mut bench, &draft);
        let mut ring = bram.rung(&mut bench);
        ring.pick_up(&mut bench);
        let answer = call.expect(&mut bench, 200);
        let answer = String::from_utf8_lossy(&answer.to_bytes()).into_owned();
        assert!(answer.contains("c=IN IP4 198.51.100.77") && answer.contains("@198.51.100.77:25060"), "{answer}");
        call.ack(&mut bench);
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
    }
    bench.over();
}

#[test]
fn a_way_that_is_no_better_is_undone_and_no_way_is_tried_under_a_call() {
    let (mut bench, provider) = office();
    // It writes its own address whatever stands in Via.
    bench.router = Some(Box::new(|text| Some(any_via(text))));
    bench.find_interfaces();
    let anna = bench.phone("201");
    let (mut call, mut ring) = talking(&mut bench, &provider, &anna);
    bench.input(Input::WayOut(WayOut { gateway: Some(GATEWAY), quotes: false }));
    bench.seconds(120);
    assert_eq!(says(&bench).interference, "proven");
    assert_eq!(hidden(&provider), 0, "a call goes on");
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.seconds(300);
    assert!(hidden(&provider) > 0, "it was tried");
    assert_eq!(way(&bench), "plain");
    let last = provider.registrar.borrow().seen.last().cloned().unwrap();
    assert!(last.headers.text(&HeaderName::Contact).unwrap().contains(BOX), "and undone");
    bench.over();
}

/// Our own port and address in Via, whoever stands there.
fn any_via(text: &str) -> String {
    let line = |line: &str| match line.split_once(";branch=") {
        Some((_, rest)) if line.starts_with("Via:") => format!("Via: SIP/2.0/UDP 198.51.100.99:9;branch={rest}"),
        _ => line.to_owned(),
    };
    text.split("\r\n").map(line).collect::<Vec<_>>().join("\r\n")
}

#[test]
fn when_the_router_is_mended_the_plain_way_is_taken_again() {
    let (mut bench, provider) = office();
    helper_of_linux(&mut bench);
    switch_on(&mut bench);
    bench.seconds(90);
    assert_ne!(way(&bench), "plain");
    (bench.router, bench.router_back) = (None, None);
    for _ in 0..2 {
        bench.command(Command::Examine { trunk: "provider".into() });
        bench.seconds(90);
    }
    assert_eq!((way(&bench), says(&bench).interference), ("plain".into(), "none".into()));
    let last = provider.registrar.borrow().seen.last().cloned().unwrap();
    assert!(last.headers.text(&HeaderName::Contact).unwrap().contains(BOX));
    bench.over();
}

#[test]
fn a_suspicion_alone_moves_nothing_until_somebody_says_so() {
    let (mut bench, _provider) = office();
    switch_on(&mut bench);
    bench.seconds(90);
    assert_eq!(way(&bench), "plain");
    bench.command(Command::GoRound { trunk: "provider".into() });
    bench.seconds(60);
    assert_eq!(way(&bench), "hidden addresses, public Contact");
    bench.over();
}

#[test]
fn a_provider_that_refuses_who_hides_is_registered_at_plainly_again_at_once() {
    let (mut bench, provider) = office();
    helper_of_linux(&mut bench);
    // A REGISTER that hides anything vanishes.
    bench.router = Some(Box::new(move |text| {
        let is_hidden = text.starts_with("REGISTER") && text.contains(".invalid");
        (!is_hidden).then(|| text.replace(BOX, OUTSIDE).replace("192.168.001.010", OUTSIDE))
    }));
    switch_on(&mut bench);
    bench.seconds(120);
    assert_eq!(way(&bench), "plain");
    assert!(bench.has_problem(REWRITES, "provider"));
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
    drop(provider);
    bench.over();
}

/// A second way to the provider's machine.
pub(crate) fn also_at(bench: &mut Bench, transport: Transport, at: &str) -> Provider {
    let also = Provider::at(bench, transport, at);
    also.registrar.borrow_mut().sees = Some((OUTSIDE.into(), 25_060));
    if transport != Transport::Udp {
        bench.streams.insert(transport);
    }
    also
}

#[test]
fn tls_is_taken_first_where_the_provider_has_it_and_calls_over_it_are_encrypted() {
    let (mut bench, _plain) = office();
    let over_tls = also_at(&mut bench, Transport::Tls, "203.0.113.5:5061");
    helper_of_linux(&mut bench);
    switch_on(&mut bench);
    let anna = bench.phone("201");
    bench.seconds(60);
    assert_eq!(way(&bench), "TLS");
    assert!(bench.has_problem(PASSED, "provider"));
    assert_eq!(bench.reached.get(&over_tls.ua.at), Some(&"sip.provider.example".to_owned()));
    assert!(over_tls.registrar.borrow().contact.contains("transport=tls"), "{}", over_tls.registrar.borrow().contact);
    let mut call = anna.call(&mut bench, "0612345678");
    let mut ring = over_tls.ua.rung(&mut bench);
    let offer = String::from_utf8_lossy(&ring.asked().body).into_owned();
    assert!(offer.contains("a=crypto:"), "{offer}");
    ring.respond(&mut bench, 200, Some(&over_tls.ua.sdp().secured(1)));
    ring.expect_ack(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    assert!(bench.media.leg(centrale_rtp::relay::Side::Callee).srtp_send.is_some());
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn where_tls_refuses_us_it_is_undone_and_the_providers_other_port_is_taken() {
    let (mut bench, plain) = office();
    let over_tls = also_at(&mut bench, Transport::Tls, "203.0.113.5:5061");
    over_tls.registrar.borrow_mut().at_once = Some((403, String::new()));
    let other = also_at(&mut bench, Transport::Udp, "203.0.113.5:5080");
    // It looks at what goes to the usual port, and nowhere else.
    bench.router_at = Some(plain.ua.at);
    helper_of_linux(&mut bench);
    switch_on(&mut bench);
    let anna = bench.phone("201");
    bench.seconds(90);
    assert_eq!((way(&bench).as_str(), over_tls.registers()), ("port 5080", 1));
    assert!(other.registrar.borrow().contact.contains(&format!("{BOX}:3000")), "{}", other.registrar.borrow().contact);
    let (mut call, mut ring) = talking(&mut bench, &other, &anna);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    // Mended: two clean tests of the plain way, and it is taken again.
    (bench.router, bench.router_back) = (None, None);
    for _ in 0..2 {
        bench.command(Command::Examine { trunk: "provider".into() });
        bench.seconds(90);
    }
    assert_eq!(way(&bench), "plain");
    bench.over();
}

#[test]
fn tcp_in_two_segments_is_the_last_way_and_the_sockets_are_told_to_cut() {
    let (mut bench, plain) = office();
    let over_tcp = also_at(&mut bench, Transport::Tcp, &plain.ua.at.to_string());
    // It writes its own address into every datagram whatever stands there, and cannot read what comes in two pieces.
    bench.router = Some(Box::new(|text| {
        let is_datagram = text.contains("SIP/2.0/UDP");
        Some(if is_datagram { any_via(text) } else { text.to_owned() })
    }));
    switch_on(&mut bench);
    bench.seconds(300);
    assert_eq!(way(&bench), "TCP in two segments");
    assert!(over_tcp.registers() > 0);
    let registers = bench.streamed.iter().filter(|(_, text)| text.starts_with("REGISTER"));
    assert!(registers.clone().count() > 0 && registers.clone().all(|(target, _)| target.split));
    bench.over();
}

#[test]
fn of_two_accounts_over_tcp_at_one_server_only_the_one_that_goes_round_is_cut_in_two() {
    let plain = "[[trunk]]\nname = \"workshop\"\nserver = \"203.0.113.5:5060\"\ntransport = \"tcp\"\n\
                 username = \"workshop\"\npassword = \"workshop-secret\"\nregister = true\nnumbers = [\"+31301234567\"]\n";
    let mut bench = Bench::switched_off(&format!("{OFFICE}{plain}"), PORTS);
    let over_tcp = also_at(&mut bench, Transport::Tcp, Provider::ADDRESS);
    bench.input(kept(Step::SplitTcp));
    bench.find_interfaces();
    bench.seconds(60);
    let cut = |username: &str| {
        let from = format!("sip:{username}@");
        let sent = bench.streamed.iter().filter(|(_, text)| text.starts_with("REGISTER") && text.contains(&from));
        let mut cut: Vec<bool> = sent.map(|(target, _)| target.split).collect();
        cut.dedup();
        cut
    };
    assert_eq!((cut("office"), cut("workshop")), (vec![true], vec![false]));
    drop(over_tcp);
    bench.over();
}

#[test]
fn a_way_that_was_kept_is_gone_from_the_first_message_after_a_restart() {
    let (mut bench, _provider) = office();
    helper_of_linux(&mut bench);
    switch_on(&mut bench);
    bench.seconds(60);
    let kept: Vec<_> = bench.ways.values().cloned().collect();
    assert_eq!(kept.iter().map(|way| way.step.to_string()).collect::<Vec<_>>(), ["hidden addresses, public Contact"]);

    for (server, is_hidden) in [(kept[0].server.clone(), true), ("elsewhere:5060/udp".to_owned(), false)] {
        let (mut bench, provider) = office();
        helper_of_linux(&mut bench);
        bench.input(Input::Ways(kept.iter().map(|way| KeptWay { server: server.clone(), ..way.clone() }).collect()));
        bench.find_interfaces();
        let vias = |registrar: &Registrar| -> Vec<bool> {
            let via = |it: &Request| it.headers.text(&HeaderName::Via).unwrap().contains(".invalid");
            registrar.seen.iter().map(via).collect()
        };
        let vias = vias(&provider.registrar.borrow());
        assert!(!vias.is_empty() && vias.iter().all(|hides| *hides == is_hidden), "{server}: {vias:?}");
        if is_hidden {
            let anna = bench.phone("201");
            let draft = anna.invite_draft(&mut bench, "112");
            let _call = Leg::calling(&anna, &mut bench, &draft);
            let ring = provider.ua.rung(&mut bench);
            assert!(ring.asked().headers.text(&HeaderName::Via).unwrap().contains(".invalid"));
            ring.refuse(&mut bench, 486);
            switch_on(&mut bench);
            bench.seconds(120);
            assert_eq!(says(&bench).way, "hidden addresses, public Contact");
        }
    }
}

#[test]
fn a_way_that_was_kept_and_leads_nowhere_any_more_is_left_for_the_plain_one() {
    let (mut bench, provider) = office();
    bench.input(kept(Step::OtherPort(5080)));
    switch_on(&mut bench);
    assert_eq!(bench.trunk("provider").state, TrunkState::Connecting);
    // Two REGISTERs of half a minute each are not answered; 30 and 60 s at most are waited after them.
    bench.seconds(160);
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
    assert!(provider.registers() > 0);
    assert_eq!(says(&bench).way, "plain");
    assert_eq!(bench.ways["provider"].step, Step::Plain, "and that is written down");
}

#[test]
fn an_answer_that_is_on_its_way_when_the_office_gets_another_address_is_still_understood() {
    let (mut bench, provider) = office();
    helper_of_linux(&mut bench);
    switch_on(&mut bench);
    let anna = bench.phone("201");
    bench.seconds(60);
    let mut call = anna.call(&mut bench, "0612345678");
    let mut ring = provider.ua.rung(&mut bench);
    let name = |ring: &Leg| {
        let via = ring.asked().headers.text(&HeaderName::Via).unwrap().into_owned();
        via.split([' ', ':']).find(|part| part.ends_with(".invalid")).unwrap().to_owned()
    };
    let before = name(&ring);
    ring.ring(&mut bench);
    call.expect(&mut bench, 180);
    provider.registrar.borrow_mut().sees = Some(("198.51.100.78".into(), 25_061));
    bench.seconds(25);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.seconds(60);
    let mut call = anna.call(&mut bench, "0612345678");
    let ring = provider.ua.rung(&mut bench);
    assert_eq!(name(&ring), before, "the name is kept, the address behind it is not");
    assert!(String::from_utf8_lossy(&ring.asked().body).contains("198.51.100.78"));
    ring.refuse(&mut bench, 486);
    call.expect(&mut bench, 486);
    bench.over();
}

/// A call that goes on now.
pub(crate) fn talking(bench: &mut Bench, provider: &Provider, anna: &Ua) -> (Leg, Leg) {
    let call = anna.call(bench, "0612345678");
    bench.answered(call, &provider.ua)
}

/// How often a registration hid where we are.
fn hidden(provider: &Provider) -> usize {
    let seen = &provider.registrar.borrow().seen;
    seen.iter().filter(|it| it.headers.text(&HeaderName::Contact).unwrap().contains(OUTSIDE)).count()
}

#[test]
fn a_call_for_help_during_a_trial_leaves_as_calls_did_before_it() {
    for lost in ["REGISTER", "OPTIONS"] {
        let (mut bench, provider) = office();
        helper_of_linux(&mut bench);
        let tried = Rc::new(Cell::new(0));
        let seen = Rc::clone(&tried);
        // What hides is lost, a call too.
        bench.router = Some(Box::new(move |text| {
            let hides = text.contains(".invalid");
            let is_lost = hides && (text.starts_with(lost) || text.starts_with("INVITE"));
            seen.set(seen.get() + u32::from(hides && text.starts_with(lost)));
            (!is_lost).then(|| text.replace(BOX, OUTSIDE).replace("192.168.001.010", OUTSIDE))
        }));
        let anna = bench.phone("201");
        switch_on(&mut bench);
        (0..120).take_while(|_| tried.get() == 0).for_each(|_| bench.seconds(1));
        assert!(tried.get() > 0, "a trial is under way");
        let draft = anna.invite_draft(&mut bench, "112");
        let mut call = Leg::calling(&anna, &mut bench, &draft);
        let mut ring = provider.ua.rung(&mut bench);
        assert!(!ring.asked().headers.text(&HeaderName::Via).unwrap().contains(".invalid"));
        ring.pick_up(&mut bench);
        call.expect(&mut bench, 200);
        call.ack(&mut bench);
        let before = tried.get();
        bench.seconds(120);
        assert_eq!((tried.get(), way(&bench)), (before, "plain".into()), "{lost}");
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
        bench.seconds(120);
        assert!(tried.get() > before, "and tried anew after it");
        drop(provider);
    }
}

#[test]
fn who_wants_to_go_round_during_a_round_gets_it_after_that_round() {
    let (mut bench, _provider) = office();
    // Nothing is answered to INVITEs, so that the round lasts.
    bench.router = Some(Box::new(|text| (!text.starts_with("INVITE ")).then(|| text.to_owned())));
    switch_on(&mut bench);
    bench.seconds(2);
    assert!(says(&bench).examining && !bench.probes.is_empty());
    bench.command(Command::GoRound { trunk: "provider".into() });
    bench.seconds(1);
    assert!(says(&bench).examining, "it goes on");
    bench.seconds(180);
    assert!(says(&bench).probes.iter().any(|probe| probe.name == "V3"), "it was not thrown away: {:?}", says(&bench));
    assert!(bench.probes.is_empty(), "and left no socket behind: {:?}", bench.probes);
    assert_eq!(way(&bench), "hidden addresses, public Contact");
    bench.over();
}

const DAY: u64 = 24 * 3600;

#[test]
fn a_call_that_goes_on_when_a_way_is_to_be_tried_again_is_waited_for_and_holds_up_nothing() {
    let (mut bench, provider) = office();
    bench.router = Some(Box::new(|text| Some(any_via(text))));
    switch_on(&mut bench);
    bench.seconds(300);
    let tried = hidden(&provider);
    assert!(tried > 0 && way(&bench) == "plain");
    bench.seconds(DAY - 600);
    let anna = bench.phone("201");
    let (mut call, mut ring) = talking(&mut bench, &provider, &anna);
    bench.seconds(600);
    assert_eq!(hidden(&provider), tried, "not under a call");
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.seconds(120);
    assert!(hidden(&provider) > tried, "and after it");
    bench.over();
}

#[test]
fn a_call_that_goes_on_when_the_plain_way_is_to_be_tried_again_is_waited_for_and_holds_up_nothing() {
    let (mut bench, provider) = office();
    helper_of_linux(&mut bench);
    switch_on(&mut bench);
    bench.seconds(90);
    // Clean for whoever asks, and it takes no plain registration.
    let asked_twice = |bench: &mut Bench| {
        bench.router = Some(Box::new(plain_is_lost));
        bench.router_back = None;
        for _ in 0..2 {
            bench.command(Command::Examine { trunk: "provider".into() });
            bench.seconds(120);
        }
    };
    let plain = |provider: &Provider| provider.registrar.borrow().seen.len() - hidden(provider);
    asked_twice(&mut bench);
    assert_eq!(way(&bench), "hidden addresses, public Contact", "the plain way failed its trial");
    asked_twice(&mut bench);
    bench.router = None;
    bench.seconds(DAY - 480);
    let (tried, anna) = (plain(&provider), bench.phone("201"));
    let (mut call, mut ring) = talking(&mut bench, &provider, &anna);
    bench.seconds(300);
    assert_eq!(plain(&provider), tried, "not under a call");
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.seconds(120);
    assert_eq!(way(&bench), "plain", "and after it");
    bench.over();
}

/// No registration that names our own address comes through.
fn plain_is_lost(text: &str) -> Option<String> {
    (!(text.starts_with("REGISTER") && text.contains(BOX))).then(|| text.to_owned())
}

/// How the trunk went before a restart.
pub(crate) fn kept(step: Step) -> Input {
    let (trunk, server) = ("provider".to_owned(), "sip.provider.example:5060/udp".to_owned());
    Input::Ways(vec![KeptWay { trunk, server, step, public: None }])
}

#[test]
fn a_provider_that_moves_while_it_is_looked_for_is_met_from_a_port_that_hears_its_new_address() {
    let (mut bench, _plain) = office();
    let other = also_at(&mut bench, Transport::Udp, "203.0.113.5:5080");
    bench.input(kept(Step::OtherPort(5080)));
    switch_on(&mut bench);
    bench.seconds(90);
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
    bench.lost.extend([other.ua.at, Provider::ADDRESS.parse().unwrap()]);
    bench.seconds(60);
    assert_eq!(bench.trunk("provider").state, TrunkState::Unreachable);
    let moved = ["203.0.113.9:5060", "203.0.113.9:5080"].map(|at| also_at(&mut bench, Transport::Udp, at));
    let target = Target::new(Transport::Udp, moved[0].ua.at);
    bench.names.insert("sip.provider.example".into(), vec![target]);
    bench.seconds(600);
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
    let hears = |(server, _): &&(IpAddr, Flow)| *server == moved[0].ua.at.ip();
    let port = bench.own_ports.iter().rev().find(hears).expect("a port for the new address").1.local.port();
    let from = |it: &Request| it.headers.text(&HeaderName::Via).unwrap().contains(&format!(":{port};"));
    for there in &moved {
        let seen = &there.registrar.borrow().seen;
        assert!(seen.iter().all(from), "{seen:?}");
    }
    bench.over();
}

#[test]
fn a_port_that_was_opened_for_the_trunk_of_before_hears_the_servers_of_the_one_that_takes_it() {
    let (mut bench, _plain) = office();
    bench.late_ports = Some(Vec::new());
    bench.input(kept(Step::OtherPort(5080)));
    switch_on(&mut bench);
    let moved = also_at(&mut bench, Transport::Udp, "203.0.113.9:5060");
    bench.names.insert("sip.other.example".into(), vec![Target::new(Transport::Udp, moved.ua.at)]);
    bench.settle(&OFFICE.replace("sip.provider.example", "sip.other.example"));
    bench.seconds(90);
    bench.command(Command::GoRound { trunk: "provider".into() });
    bench.seconds(2);
    let late = bench.late_ports.take().unwrap();
    assert_eq!(late.len(), 2, "one for each trunk of that name");
    late.into_iter().for_each(|opened| bench.input(opened));
    bench.seconds(60);
    assert_eq!(way(&bench), "hidden addresses, public Contact");
    let hears = |(server, flow): &(IpAddr, Flow)| *server == moved.ua.at.ip() && bench.open_ports.contains(&flow.id);
    assert!(bench.own_ports.iter().any(hears), "{:?}", bench.own_ports);
    bench.over();
}

#[test]
fn a_provider_that_is_away_for_minutes_and_registers_nobody_is_found_by_the_way_that_was_kept() {
    let office = OFFICE.replace("register = true", "register = false");
    assert_ne!(office, OFFICE);
    let mut bench = Bench::switched_off(&office, PORTS);
    let other = Provider::at(&mut bench, Transport::Udp, "203.0.113.5:5080");
    bench.input(kept(Step::OtherPort(5080)));
    switch_on(&mut bench);
    bench.seconds(90);
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
    bench.lost.extend([other.ua.at, Provider::ADDRESS.parse().unwrap()]);
    bench.seconds(200);
    assert_eq!(bench.trunk("provider").state, TrunkState::Unreachable);
    bench.lost.remove(&other.ua.at);
    bench.seconds(600);
    assert_eq!((bench.trunk("provider").state, way(&bench)), (TrunkState::Connected, "port 5080".into()));
    bench.over();
}

#[test]
fn a_way_that_works_outlives_an_outage_of_half_a_minute() {
    for away in [12, 18, 22, 28] {
        let (mut bench, plain) = office();
        let other = also_at(&mut bench, Transport::Udp, "203.0.113.5:5080");
        bench.input(kept(Step::OtherPort(5080)));
        switch_on(&mut bench);
        bench.seconds(90);
        bench.lost.extend([other.ua.at, plain.ua.at]);
        bench.seconds(10 + away);
        bench.lost.clear();
        bench.seconds(120);
        assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
        assert_eq!((way(&bench), plain.registers()), ("port 5080".into(), 0), "{away}");
        bench.over();
    }
}

#[test]
fn a_call_keeps_its_disguise_while_its_provider_is_silent() {
    let (mut bench, provider) = office();
    helper_of_linux(&mut bench);
    switch_on(&mut bench);
    let anna = bench.phone("201");
    bench.seconds(60);
    let (mut call, mut ring) = talking(&mut bench, &provider, &anna);
    provider.registrar.borrow_mut().silent = true;
    bench.seconds(150);
    call.hang_up(&mut bench);
    let bye = ring.expect_request(&mut bench, &Method::BYE);
    let via = bye.headers.text(&HeaderName::Via).unwrap().into_owned();
    assert!(via.contains(".invalid:"), "{via}");
    ring.respond(&mut bench, 200, None);
    provider.registrar.borrow_mut().silent = false;
    bench.over();
}

#[test]
fn a_call_for_help_during_a_trial_of_tls_goes_to_the_server_that_took_calls_before_it() {
    let (mut bench, provider) = office();
    let over_tls = also_at(&mut bench, Transport::Tls, "203.0.113.5:5061");
    // There for whoever asks, and for no registration.
    bench.lost.insert(over_tls.ua.at);
    helper_of_linux(&mut bench);
    let anna = bench.phone("201");
    switch_on(&mut bench);
    for _ in 0..120 {
        if bench.dropped.is_empty() {
            bench.seconds(1);
        }
    }
    assert_eq!(bench.dropped.len(), 1, "a trial is under way");
    let draft = anna.invite_draft(&mut bench, "112");
    let mut call = Leg::calling(&anna, &mut bench, &draft);
    let mut ring = provider.ua.rung(&mut bench);
    let text = String::from_utf8_lossy(&ring.asked().to_bytes()).into_owned();
    assert!(
        text.contains("Via: SIP/2.0/UDP") && !text.contains("transport=tls") && !text.contains("a=crypto"),
        "{text}"
    );
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    bench.seconds(60);
    assert_eq!((bench.dropped.len(), way(&bench)), (1, "plain".into()));
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.seconds(120);
    assert!(bench.dropped.len() > 1, "and tried anew after it");
}

#[test]
fn a_router_that_gives_each_port_another_address_costs_the_provider_no_flood_of_registers() {
    let (mut bench, _plain) = office();
    let other = also_at(&mut bench, Transport::Udp, "203.0.113.5:5080");
    // The office is seen at an address that goes by the port that it sends from.
    let by_port = |from: &'static str| -> Router {
        Box::new(move |text| {
            let port = text.split(":300").nth(1).and_then(|rest| rest.get(..2)).unwrap_or("00");
            Some(text.replace(&format!("received={OUTSIDE}"), &format!("received={from}{port}")))
        })
    };
    bench.router_back = Some(by_port("198.51.100.1"));
    bench.input(kept(Step::OtherPort(5080)));
    switch_on(&mut bench);
    bench.seconds(90);
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
    let (ports, registers) = (bench.opened_ports, other.registers());
    assert!(ports <= 2, "{:?}", bench.own_ports);
    bench.router_back = Some(by_port("198.51.100.2"));
    bench.seconds(40);
    assert_eq!(bench.opened_ports - ports, 1, "the port of before is left, and the new one's own address is no news");
    bench.seconds(80);
    // The plain way was clean twice by then, and each way begins on a port of its own.
    assert_eq!((bench.opened_ports - ports, way(&bench).as_str()), (2, "plain"));
    assert!(other.registers() <= registers + 6, "{}", other.registers() - registers);
    bench.over();
}

#[test]
fn a_call_over_one_provider_leaves_what_is_tried_on_another_one_alone_until_it_is_asked_too() {
    for also_first in [false, true] {
        let mut bench =
            Bench::switched_off(&format!("{}preferred_for = [\"mobile\"]\n", OfficeText::with_second_trunk()), PORTS);
        let (provider, second) = Provider::two(&mut bench);
        provider.registrar.borrow_mut().sees = Some((OUTSIDE.into(), 25_060));
        let over_tls = also_at(&mut bench, Transport::Tls, "203.0.113.5:5061");
        // There for whoever asks, and for no registration: the trial lasts.
        bench.lost.insert(over_tls.ua.at);
        bench.router_at = Some(provider.ua.at);
        helper_of_linux(&mut bench);
        let anna = bench.phone("201");
        switch_on(&mut bench);
        for _ in 0..120 {
            if bench.dropped.is_empty() {
                bench.seconds(1);
            }
        }
        assert_eq!(bench.dropped.len(), 1, "a trial is under way");
        let registers = provider.registers();
        let mut call = anna.call(&mut bench, "0612345678");
        let mut ring = second.ua.rung(&mut bench);
        assert_eq!(provider.registers(), registers, "the trial goes on");
        if also_first {
            ring.refuse(&mut bench, 503);
            let ring = provider.ua.rung(&mut bench);
            let via = ring.asked().headers.text(&HeaderName::Via).unwrap().into_owned();
            assert!(via.starts_with("SIP/2.0/UDP"), "the way of before: {via}");
            ring.refuse(&mut bench, 486);
            call.expect(&mut bench, 486);
        } else {
            ring.pick_up(&mut bench);
            call.expect(&mut bench, 200);
            call.ack(&mut bench);
            bench.seconds(60);
            let way = way_of(&bench, "provider");
            assert_eq!(way, "hidden addresses, public Contact", "tried and kept under the call");
            call.hang_up(&mut bench);
            ring.expect_bye(&mut bench);
        }
    }
}

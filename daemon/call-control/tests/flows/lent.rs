//! What the doctor asks with the trunk's own account: what the registrar has of it (V6), and a call to ourselves (V14).

use centrale_alg::active::Socket;
use centrale_call_control::Command;
use centrale_sip::message::Message;

use crate::bench::{BOX, Bench, Leg, OFFICE, OUTSIDE, PORTS, Provider};
use crate::examine::{office, outcome, rounds, says, switch_on, talking};

/// The office behind a router that changes that one line, or lines, and nothing else.
fn changing(line: &'static str) -> (Bench, Provider) {
    let (mut bench, provider) = office();
    let change = move |it: &str| if it.starts_with(line) { it.replace(BOX, OUTSIDE) } else { it.to_owned() };
    bench.router = Some(Box::new(move |text| Some(text.split("\r\n").map(change).collect::<Vec<_>>().join("\r\n"))));
    switch_on(&mut bench);
    (bench, provider)
}

#[test]
fn a_router_that_changes_contact_alone_is_found_by_what_the_registrar_has_and_proven_by_the_second_look() {
    let (mut bench, provider) = changing("Contact:");
    bench.seconds(50);
    let view = says(&bench);
    assert_eq!((view.interference.as_str(), outcome(&view, "V6").as_str()), ("suspected", "hit"), "{view:?}");
    bench.seconds(120);
    let view = says(&bench);
    assert_eq!((view.interference.as_str(), view.confidence.as_str()), ("proven", "certain"), "{view:?}");
    assert!(view.deeds.contains(&"rewrites-contact".to_owned()), "{view:?}");
    assert!(provider.registrar.borrow().bound.is_empty());
    assert!(!bench.has_problem("trunk-elsewhere", "provider"), "{:?}", bench.problems());
    bench.over();
}

#[test]
fn a_registrar_that_keeps_one_contact_alone_has_ours_again_at_once_and_is_asked_for_no_second_one() {
    let (mut bench, provider) = office();
    provider.registrar.borrow_mut().keeps_one = true;
    switch_on(&mut bench);
    bench.seconds(60);
    assert_eq!(outcome(&says(&bench), "V6"), "skipped");
    assert!(provider.registrar.borrow().contact.contains(BOX), "{}", provider.registrar.borrow().contact);
    assert!(provider.registrar.borrow().bound.is_empty());
    let asked = binds(&bench);
    assert_eq!(asked, 2, "one binding, with its challenge");
    bench.command(Command::Examine { trunk: "provider".into() });
    bench.seconds(120);
    assert_eq!((rounds(&bench), binds(&bench)), (2, asked), "nor is it asked again");
    bench.over();
}

/// How often the doctor bound or took away something at the registrar.
fn binds(bench: &Bench) -> usize {
    bench.probed.iter().filter(|(_, socket, _)| *socket == Socket::Binds).count()
}

#[test]
fn nothing_is_bound_and_nobody_is_called_while_help_may_call_back() {
    let (mut bench, provider) = office();
    bench.loops = Some(str::to_owned);
    switch_on(&mut bench);
    let anna = bench.phone("201");
    bench.seconds(60);
    let asked = binds(&bench);
    let draft = anna.invite_draft(&mut bench, "112");
    let call = Leg::calling(&anna, &mut bench, &draft);
    let (mut call, mut ring) = bench.answered(call, &provider.ua);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.command(Command::Examine { trunk: "provider".into() });
    bench.seconds(120);
    assert_eq!((rounds(&bench), binds(&bench)), (2, asked));
    assert!(bench.probed.iter().all(|(_, socket, _)| *socket != Socket::Loops));
    bench.over();
}

#[test]
fn a_router_that_changes_descriptions_alone_is_found_by_a_call_to_ourselves_that_rings_nobody() {
    for (described, expected) in [(str::to_owned as fn(&str) -> String, "hit"), (relayed, "skipped")] {
        let (mut bench, provider) = changing("c=");
        bench.loops = Some(described);
        let (_anna, _bram) = (bench.phone("201"), bench.phone("202"));
        bench.seconds(60);
        assert_eq!(outcome(&says(&bench), "V14"), "skipped", "nobody asked for it");
        bench.command(Command::Examine { trunk: "provider".into() });
        bench.seconds(50);
        let view = says(&bench);
        assert_eq!(outcome(&view, "V14"), expected, "{view:?}");
        assert_eq!(view.interference, if expected == "hit" { "suspected" } else { "none" });
        let refused = bench.take(provider.ua.at, |message| {
            matches!(message, Message::Response(it) if it.status.code() == 486).then_some(())
        });
        assert!(refused.is_some());
        assert!(bench.unread().iter().all(|it| it.ends_with("486 to INVITE")), "{:?}", bench.unread());
        assert_eq!(bench.exchange.calls_in_hand(), 0);
        assert_eq!(bench.exchange.counters().signs_of_rewriting, 0, "what we describe ourselves is no sign");
    }
}

/// What a provider describes that relays sound.
fn relayed(body: &str) -> String {
    body.split("\r\n")
        .map(|line| if line.starts_with("c=") { "c=IN IP4 203.0.113.9" } else { line })
        .collect::<Vec<_>>()
        .join("\r\n")
}

#[test]
fn nobody_is_called_from_an_office_with_one_channel_and_nothing_is_lent_under_a_call() {
    let one = OFFICE.replace("register = true", "register = true\nchannels = 1");
    let mut bench = Bench::switched_off(&one, PORTS);
    let provider = Provider::new(&mut bench);
    bench.loops = Some(str::to_owned);
    switch_on(&mut bench);
    let anna = bench.phone("201");
    let calls = |bench: &Bench| bench.probed.iter().filter(|(_, socket, _)| *socket == Socket::Loops).count();
    bench.seconds(60);
    bench.command(Command::Examine { trunk: "provider".into() });
    bench.seconds(120);
    assert_eq!(calls(&bench), 0);
    let before = binds(&bench);
    let (mut call, mut ring) = talking(&mut bench, &provider, &anna);
    bench.command(Command::Examine { trunk: "provider".into() });
    bench.seconds(120);
    assert_eq!(binds(&bench), before);
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

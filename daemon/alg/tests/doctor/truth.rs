//! The truth table (reference, section 6): networks times servers, with the verdict of each, and every rewriter.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use centrale_alg::active::{Findings, Outcome, Probe, Set, Trigger};
use centrale_alg::diagnosis::{Advice, Confidence, Deed, Diagnosis, Interference};
use centrale_alg::ladder::Step;

use crate::helper::Helper;
use crate::network::{BOX, Nat, Router, World};
use crate::rewriters::{ALL, Deeds, Rewriter};
use crate::servers::{Server, WAYS, Way};

pub(crate) fn masquerade(keeps_port: bool) -> Router {
    Router::new(Nat::PortRestricted, keeps_port, "203.0.113.2")
}

fn examine(world: &mut World, seed: u64) -> (Findings, Diagnosis, Duration) {
    let now = Instant::now();
    let target = world.target();
    let (findings, took) = world.run(target.clone(), Set::Full, seed, now);
    let mut diagnosis = findings.diagnosis(&target, Some(BOX), false, now);
    if findings.wants_repeat(Some(BOX)) {
        let (again, _) = world.run(target.clone(), Set::Full, seed + 100, now);
        diagnosis = again.diagnosis(&target, Some(BOX), diagnosis.interference > Interference::None, now);
    }
    (findings, diagnosis, took)
}

/// Networks without anybody who reads SIP.
fn honest_networks() -> Vec<(&'static str, Vec<Router>)> {
    let carrier = || Router::new(Nat::Symmetric, false, "192.0.2.1");
    let kinds = [Nat::FullCone, Nat::Restricted, Nat::PortRestricted, Nat::Symmetric];
    let mut networks = vec![("none", vec![]), ("carrier", vec![masquerade(true), carrier()])];
    for nat in kinds {
        networks.push(("keeps", vec![Router::new(nat, true, "203.0.113.2")]));
        networks.push(("remap", vec![Router::new(nat, false, "203.0.113.2")]));
    }
    networks
}

#[test]
fn without_anybody_on_the_way_no_server_makes_a_false_alarm() {
    for way in WAYS {
        for (name, routers) in honest_networks() {
            for quotes in [true, false] {
                let mut world = World::new(routers_again(&routers), Server::new(way)).quoting(quotes);
                let (findings, diagnosis, took) = examine(&mut world, 3);
                let hits: Vec<_> = findings.hits().filter(|(probe, _)| *probe != Probe::V8).collect();
                assert_eq!(hits, [], "{way:?} {name}");
                assert_ne!(diagnosis.interference, Interference::Proven, "{way:?} {name}");
                assert!(
                    diagnosis.interference == Interference::None || way == Way::Lossy,
                    "{way:?} {name} {findings:?}"
                );
                assert!(took <= Duration::from_secs(60), "{way:?} {name} {took:?}");
            }
        }
    }
}

fn routers_again(routers: &[Router]) -> Vec<Router> {
    routers.iter().map(|it| Router::new(it.nat, it.keeps_port, &it.wan.to_string())).collect()
}

/// A network, whether its rewriting is to be proven behind this server, and what is named.
struct Row {
    name: &'static str,
    routers: fn() -> Vec<Router>,
    blind: &'static [Way],
}

/// The kernel's helper, as in table B. `blind`: servers behind which the truth table itself has no proof.
fn helper_networks() -> Vec<Row> {
    vec![
        Row { name: "alg", routers: || vec![masquerade(true).with(Helper::new())], blind: &[] },
        Row { name: "alg-remap", routers: || vec![masquerade(false).with(Helper::new())], blind: &[] },
        Row { name: "alg-tcp", routers: || vec![masquerade(true).with(Helper::new().with_tcp())], blind: &[] },
        Row {
            name: "alg+cgn",
            routers: || vec![masquerade(true).with(Helper::new()), Router::new(Nat::Symmetric, false, "192.0.2.1")],
            blind: &[],
        },
        Row {
            name: "masq+outer-alg",
            routers: || {
                let office = Router::new(Nat::PortRestricted, true, "100.64.0.9");
                vec![office, Router::new(Nat::PortRestricted, false, "192.0.2.1").with(Helper::new())]
            },
            blind: &[Way::NoRport, Way::NoReceived, Way::CopyReceived, Way::Silent],
        },
    ]
}

#[test]
fn the_kernels_helper_is_proven_behind_every_server_where_the_table_says_so() {
    for row in helper_networks() {
        for way in WAYS.into_iter().filter(|way| !row.blind.contains(way)) {
            let mut world = World::new((row.routers)(), Server::new(way));
            let (findings, diagnosis, took) = examine(&mut world, 5);
            let hits: Vec<Probe> = findings.hits().map(|(probe, _)| probe).collect();
            assert_eq!(diagnosis.interference, Interference::Proven, "{} {way:?}: {hits:?}", row.name);
            assert_eq!(diagnosis.confidence, Confidence::Certain, "{} {way:?}: {hits:?}", row.name);
            assert!(took <= Duration::from_secs(60), "{} {way:?} {took:?}", row.name);
        }
    }
}

#[test]
fn an_ordinary_provider_shows_the_helper_without_any_quote_in_a_few_seconds() {
    let mut world = World::new(vec![masquerade(true).with(Helper::new())], Server::new(Way::Plain)).quoting(false);
    let (findings, diagnosis, took) = examine(&mut world, 5);
    for probe in [Probe::V1, Probe::V2, Probe::V3, Probe::V4, Probe::V5, Probe::V6, Probe::V12, Probe::V14] {
        assert!(findings.of(probe).is_hit(), "{probe}: {:?}", findings.of(probe));
    }
    assert!(diagnosis.deeds.has(Deed::RewritesVia) && diagnosis.deeds.has(Deed::RewritesContact));
    assert!(diagnosis.deeds.has(Deed::RewritesSdp));
    assert_eq!(findings.trigger, Some(Trigger::FarPort));
    assert_eq!(diagnosis.advice, Advice::SwitchOffInRouter);
    assert_eq!(diagnosis.step, Some(Step::Tls));
    assert!(took < Duration::from_secs(15), "{took:?}");
}

#[test]
fn behind_two_routers_the_one_that_rewrites_is_told() {
    let outer = || {
        let office = Router::new(Nat::PortRestricted, true, "100.64.0.9");
        vec![office, Router::new(Nat::PortRestricted, false, "192.0.2.1").with(Helper::new())]
    };
    let mut world = World::new(outer(), Server::new(Way::Plain)).quoting(false);
    let (_, diagnosis, _) = examine(&mut world, 5);
    assert_eq!(diagnosis.advice, Advice::AskInternetProvider);
    let inner = vec![masquerade(true).with(Helper::new()), Router::new(Nat::Symmetric, false, "192.0.2.1")];
    let mut world = World::new(inner, Server::new(Way::Plain));
    let (findings, diagnosis, _) = examine(&mut world, 5);
    assert_eq!(diagnosis.advice, Advice::SwitchOffInRouter);
    assert_eq!(findings.hop, "10.0.0.2".parse().ok(), "the first hop behind the office's router");
}

#[test]
fn a_helper_that_translates_nothing_is_a_firewall() {
    let router = Router::new(Nat::None, true, "203.0.113.2").with(Helper::new());
    let mut world = World::new(vec![router], Server::new(Way::Plain)).quoting(false);
    let (findings, diagnosis, _) = examine(&mut world, 5);
    assert_eq!(findings.hits().map(|(probe, _)| probe).collect::<Vec<_>>(), [Probe::V5]);
    assert_eq!(diagnosis.advice, Advice::FirewallDrops);
    assert!(diagnosis.deeds.has(Deed::DropsDescriptions));
}

#[test]
fn flows_that_the_helper_does_not_touch_are_clean() {
    let rule = || vec![masquerade(true).with(Helper::new().on_source_port())];
    let mut world = World::new(rule(), Server::new(Way::Plain));
    let (findings, diagnosis, _) = examine(&mut world, 5);
    assert_eq!(diagnosis.interference, Interference::None, "{findings:?}");
    // The trunk's own port is the one that it looks at.
    let mut world = World::new(rule(), Server::new(Way::Plain));
    world.live_port = 5060;
    let (findings, diagnosis, _) = examine(&mut world, 5);
    assert_eq!((diagnosis.interference, findings.trigger), (Interference::Proven, Some(Trigger::OurPort)));
    assert_eq!((diagnosis.advice, diagnosis.step), (Advice::TakeNewPort, None));
}

#[test]
fn a_mended_router_that_rewrites_an_old_flow_on_asks_for_a_new_port_and_nothing_else() {
    let flow = SocketAddr::new(BOX, 25_060);
    let rule = || vec![masquerade(true).with(Helper::mended_under(flow))];
    let mut world = World::new(rule(), Server::new(Way::Plain));
    let (_, diagnosis, _) = examine(&mut world, 5);
    assert_eq!((diagnosis.interference, diagnosis.advice), (Interference::Proven, Advice::TakeNewPort));
    let mut world = World::new(rule(), Server::new(Way::Plain));
    world.live_port = 25_061;
    let (_, diagnosis, _) = examine(&mut world, 5);
    assert_eq!((diagnosis.interference, diagnosis.confidence), (Interference::None, Confidence::Strong));
}

#[test]
fn every_rewriter_is_proven_or_its_loss_is_named() {
    for deeds in ALL {
        let mut world = World::new(vec![masquerade(true).with(Rewriter(deeds))], Server::new(Way::Plain));
        world.live_port = 5060;
        let (findings, diagnosis, took) = examine(&mut world, 9);
        let hits: Vec<Probe> = findings.hits().map(|(probe, _)| probe).collect();
        let (proven, none) = (Interference::Proven, Interference::None);
        let (expected, deed) = match deeds {
            Deeds::ContactOnly => (proven, Some(Deed::RewritesContact)),
            Deeds::SdpOnly => (proven, Some(Deed::RewritesSdp)),
            Deeds::ViaStripped | Deeds::OneWay | Deeds::AnyPrivate | Deeds::Inbound => {
                (proven, Some(Deed::RewritesVia))
            }
            Deeds::InviteOnly => (proven, Some(Deed::RewritesVia)),
            Deeds::CallIdChanged => (proven, Some(Deed::RewritesCallId)),
            Deeds::OrderAndCase | Deeds::CompactExpanded => (proven, Some(Deed::Reformats)),
            Deeds::ContentLengthWrong => (proven, Some(Deed::RewritesSdp)),
            Deeds::ExpiresLowered => (proven, Some(Deed::LowersExpires)),
            Deeds::PinnedTo5060 => (proven, Some(Deed::PinsPort)),
            Deeds::Proxy => (proven, Some(Deed::AnswersItself)),
            // No probe rings anybody, so no probe can see what happens within a call: the passive tests do.
            Deeds::ReferAndReInviteDropped => (none, None),
            Deeds::LargeDropped => (none, Some(Deed::DropsLarge)),
        };
        assert_eq!(diagnosis.interference, expected, "{deeds:?}: {hits:?}");
        assert!(deed.is_none_or(|deed| diagnosis.deeds.has(deed)), "{deeds:?}: {hits:?} {:?}", diagnosis.deeds);
        assert!(took <= Duration::from_secs(60), "{deeds:?} {took:?}");
    }
}

/// Without any quote of a hop: what only the account shows.
#[test]
fn who_changes_contact_or_description_alone_is_proven_by_the_account_and_not_where_the_provider_changes_both() {
    for (deeds, probe) in [(Deeds::ContactOnly, Probe::V6), (Deeds::SdpOnly, Probe::V14)] {
        for (way, hits) in [(Way::Plain, true), (Way::Asterisk, true), (Way::BorderController, false)] {
            let router = masquerade(true).with(Rewriter(deeds));
            let mut world = World::new(vec![router], Server::new(way)).quoting(false);
            let (findings, diagnosis, _) = examine(&mut world, 9);
            let expected = if hits { Interference::Proven } else { Interference::None };
            assert_eq!((findings.of(probe).is_hit(), diagnosis.interference), (hits, expected), "{deeds:?} {way:?}");
        }
    }
}

#[test]
fn a_registrar_that_keeps_one_binding_is_asked_for_no_second_one() {
    let mut world = World::new(vec![masquerade(true)], Server::new(Way::OneBinding)).quoting(false);
    let (findings, _, _) = examine(&mut world, 9);
    assert_eq!(findings.of(Probe::V6), &Outcome::NotApplicable);
}

#[test]
fn without_an_account_nothing_is_bound_and_nobody_is_called() {
    let mut server = Server::new(Way::Plain);
    server.has_account = false;
    let mut world = World::new(vec![masquerade(true)], server);
    let (findings, _, _) = examine(&mut world, 9);
    assert_eq!([Probe::V6, Probe::V14].map(|probe| findings.of(probe).word()), ["skipped"; 2]);
}

#[test]
fn large_messages_that_get_lost_are_no_proof_and_are_told() {
    let mut world = World::new(vec![masquerade(true).with(Rewriter(Deeds::LargeDropped))], Server::new(Way::Plain));
    let (_, diagnosis, _) = examine(&mut world, 9);
    assert_eq!((diagnosis.advice, diagnosis.step), (Advice::KeepShort, Some(Step::Tls)));
}

#[test]
fn a_run_rings_nobody_and_is_bounded() {
    let mut world = World::new(vec![masquerade(true)], Server::new(Way::Plain));
    let (findings, _, _) = examine(&mut world, 11);
    assert!(findings.sent <= 120, "{}", findings.sent);
    assert!(world.invites_seen <= 20, "{}", world.invites_seen);
    let mut world = World::new(vec![masquerade(true)], Server::new(Way::Plain));
    let target = world.target();
    let (findings, _) = world.run(target, Set::Harmless, 11, Instant::now());
    assert_eq!((findings.sent, world.invites_seen), (4, 0));
}

#[test]
fn a_silent_server_behind_a_silent_hop_leaves_the_question_open() {
    let mut world = World::new(vec![masquerade(true)], Server::new(Way::Silent)).quoting(false);
    let (_, diagnosis, _) = examine(&mut world, 11);
    assert_eq!((diagnosis.interference, diagnosis.confidence), (Interference::None, Confidence::Unknown));
    assert_eq!(diagnosis.advice, Advice::AskReflector);
}

#[test]
fn a_server_that_is_odd_over_tls_too_accuses_nobody() {
    let mut findings = Findings::default();
    let mut world =
        World::new(vec![masquerade(true).with(Rewriter(Deeds::AnyPrivate))], Server::new(Way::Plain)).quoting(false);
    let target = world.target();
    let (odd, _) = world.run(target.clone(), Set::WithoutInvites, 2, Instant::now());
    let Outcome::Hit(finding) = odd.of(Probe::V0) else { panic!("{odd:?}") };
    for probe in [Probe::V0, Probe::V9Tcp, Probe::V9Tls] {
        findings.set(probe, Outcome::Hit(finding.clone()));
    }
    let diagnosis = findings.diagnosis(&target, Some(BOX), true, Instant::now());
    assert_eq!(diagnosis.interference, Interference::None);
}

#[test]
fn the_same_seed_asks_the_same() {
    let run = || World::new(vec![masquerade(true)], Server::new(Way::Plain));
    let (mut one, mut two) = (run(), run());
    let target = one.target();
    let now = Instant::now();
    assert_eq!(one.run(target.clone(), Set::Full, 4, now), two.run(target, Set::Full, 4, now));
}

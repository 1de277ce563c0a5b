//! A thousand office days over honest networks: nothing is ever proven, and hardly anything suspected.

use std::time::Duration;

use centrale_alg::active::Set;
use centrale_alg::diagnosis::Interference;
use centrale_alg::passive::{CallFacts, Reports};
use centrale_alg::when::{Reason, Timetable};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::helper::Helper;
use crate::network::{Nat, Router, World};
use crate::passive::Trunk;
use crate::servers::{Server, WAYS, Way};

const OFFICES: u64 = 40;
const DAYS: u32 = 25;
const HOUR: Duration = Duration::from_secs(3600);

/// What an office's days came to.
#[derive(Debug, Default)]
struct Tally {
    proven: u32,
    suspected: u32,
    withdrawn: u32,
    tests: u32,
    days: u32,
}

/// An office of its own: its network, its provider, its luck.
fn office(seed: u64, rng: &mut StdRng) -> Trunk {
    let kinds = [Nat::FullCone, Nat::Restricted, Nat::PortRestricted, Nat::Symmetric];
    let router = || Router::new(kinds[seed as usize % 4], seed.is_multiple_of(3), "203.0.113.2");
    let routers = match seed % 7 {
        0 => vec![],
        1 => vec![router(), Router::new(Nat::Symmetric, false, "192.0.2.1")],
        2 => vec![Router::new(Nat::None, true, "203.0.113.2")],
        _ => vec![router()],
    };
    // A provider that never answers has no days to speak of.
    let ways: Vec<Way> = WAYS.into_iter().filter(|way| *way != Way::Silent && *way != Way::Lossy).collect();
    let mut world = World::new(routers, Server::new(ways[rng.random_range(0..ways.len())]));
    if seed % 7 == 2 {
        // IPv6: nothing is translated at all.
        (world.own, world.server.address) = ("2001:db8::50".parse().unwrap(), "2001:db8:5::10".parse().unwrap());
        world.server.has_account = false;
    }
    world.rng = StdRng::seed_from_u64(seed);
    (world.loss, world.quotes) = (5, seed.is_multiple_of(2));
    Trunk::new(world)
}

/// The same office with the kernel's helper in its router.
fn rewritten(mut trunk: Trunk) -> Trunk {
    if let Some(router) = trunk.world.routers.first_mut() {
        router.alg = Some(Box::new(Helper::new()));
    }
    trunk
}

/// A call as such days have them: most go well; a mobile phone walks off, a far end is mute, a phone was unplugged.
fn call(trunk: &Trunk, rng: &mut StdRng) -> CallFacts {
    let (now, luck) = (trunk.now, rng.random_range(0..1_000));
    let begun = now - Duration::from_secs(60);
    let well = CallFacts {
        answered_at: Some(begun),
        sending_since: Some(begun),
        heard_at: Some(now),
        reports: Reports { came: 5, all_lost: 0 },
        ..CallFacts::default()
    };
    match luck {
        0..5 => CallFacts { heard_at: Some(begun), ..well },
        5..10 => CallFacts { heard_at: None, ..well },
        10..12 => CallFacts { rang_on: true, ..well },
        12..14 => CallFacts { registration_gone: true, ..well },
        _ => well,
    }
}

fn live(seed: u64, tally: &mut Tally) {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut trunk = office(seed, &mut rng);
    let mut timetable = Timetable::new(seed, trunk.now);
    let begun = trunk.now;
    let mut before = Interference::None;
    for hour in 0..24 * DAYS {
        trunk.now = trunk.now.max(begun + HOUR * hour);
        if rng.random_range(0..48) == 0
            && let Some(router) = trunk.world.routers.first_mut()
        {
            router.rebind();
            timetable.note(Reason::WanAddress, trunk.now);
            trunk.now += Duration::from_secs(30);
        }
        trunk.ask("REGISTER", 0, false);
        trunk.ask("OPTIONS", 0, false);
        if (8..18).contains(&(hour % 24)) {
            trunk.ask("INVITE", 0, false);
            trunk.ask("INVITE", 0, true);
            let facts = call(&trunk, &mut rng);
            trunk.watch.call(&facts, trunk.now);
        }
        let mut step = trunk.watch.diagnosis(trunk.now).interference;
        if trunk.watch.wants_a_test(trunk.now) {
            timetable.note(Reason::Symptom, trunk.now);
        }
        let minute = u16::try_from(hour % 24 * 60 + 30).unwrap();
        if let Some(due) = timetable.due(trunk.now, minute) {
            let (_, diagnosis) = trunk.examine(due.set, rng.random());
            assert!(due.set != Set::Harmless || due.reason == Reason::Nightly);
            tally.tests += 1;
            step = step.max(diagnosis.interference);
        }
        tally.proven += u32::from(step == Interference::Proven);
        tally.suspected += u32::from(step == Interference::Suspected && before == Interference::None);
        tally.withdrawn += u32::from(step == Interference::None && before == Interference::Suspected);
        before = step;
    }
    tally.days += DAYS;
}

/// The days above are not quiet because nobody looks: in the same offices, with the same losses, the helper is proven by the
/// first test and by the first registrations after it.
#[test]
fn the_same_offices_with_a_rewriting_router_are_told_on_their_first_day() {
    let mut told = 0;
    for seed in (0..OFFICES).filter(|seed| seed % 7 > 2) {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut trunk = rewritten(office(seed, &mut rng));
        let begun = trunk.now;
        trunk.ask("REGISTER", 0, false);
        let (findings, diagnosis) = trunk.examine(Set::Full, seed);
        assert_eq!(diagnosis.interference, Interference::Proven, "{seed} {findings:?}");
        assert!(trunk.now - begun <= Duration::from_secs(61), "{seed} {:?}", trunk.now - begun);
        if findings.sees_public == Some(true) {
            for _ in 0..3 {
                trunk.ask("REGISTER", 0, false);
            }
            assert_eq!(trunk.watch.diagnosis(trunk.now).interference, Interference::Proven, "{seed}");
            told += 1;
        }
    }
    assert!(told >= 10, "{told}");
}

#[test]
fn a_thousand_honest_days_prove_nothing_and_suspect_next_to_nothing() {
    let mut tally = Tally::default();
    (0..OFFICES).for_each(|seed| live(seed, &mut tally));
    assert_eq!(tally.days, 1_000);
    assert_eq!(tally.proven, 0, "{tally:?}");
    assert!(tally.suspected <= 1, "{tally:?}");
    assert_eq!(tally.withdrawn, tally.suspected, "a suspicion withdraws itself: {tally:?}");
    assert!(tally.tests > 1_000, "at least one a night: {tally:?}");
}

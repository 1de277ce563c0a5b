//! The drill for a moment: one seed of every attack and every benign day. `sim --drill` plays them in full, from many seeds.

use std::time::Instant;

use centrale_numbering::Money;
use centrale_sim::drill::crowd::{MOST_SOURCES, crowd};
use centrale_sim::drill::{ATTACKS, Background, DAYS, Goal, Run, attacked, lived};

/// What no run may bring about, whatever was played.
fn holds(name: &str, run: &Run) {
    assert!(run.reached.is_empty(), "{name}: {:?}", run.reached);
    assert!(run.helped, "{name}: the call for help did not come through");
    assert_eq!(run.bans, 0, "{name}: the office banned itself");
    assert_eq!(run.calls.1, 0, "{name}: of {} calls of the office so many were refused", run.calls.0);
    assert_eq!(run.phones.0, run.phones.1, "{name}: phones that are there, of those with a right password");
}

fn all_hold_before(background: Background) {
    for attack in ATTACKS {
        let run = attacked(Instant::now(), 1, attack, background, false);
        holds(attack.code, &run);
        let most = match (attack.goal, background) {
            (Goal::Access, _) => Money::ZERO,
            (Goal::Money, _) => Money::from_cents(200),
            (Goal::Allowance, Background::QuietNight) => Money::from_cents(1_000),
            (Goal::Allowance, _) => Money::from_cents(5_000),
        };
        assert!(run.leaked <= most, "{}: {:?} were lost", attack.code, run.leaked);
    }
}

#[test]
fn no_attack_reaches_its_goal_in_a_quiet_night() {
    all_hold_before(Background::QuietNight);
}

#[test]
fn no_attack_reaches_its_goal_on_a_busy_day() {
    all_hold_before(Background::BusyDay);
}

#[test]
fn no_attack_reaches_its_goal_after_a_power_cut() {
    all_hold_before(Background::PowerCut);
}

#[test]
fn of_a_hundred_thousand_sources_no_more_is_remembered_than_there_is_room_for_and_a_block_of_before_holds() {
    let left = crowd(Instant::now(), 100_000);
    assert!(left.sources <= MOST_SOURCES && left.accounts <= 4_096, "{left:?}");
    assert!(left.is_blocked);
}

#[test]
fn every_benign_day_stays_quiet() {
    for day in DAYS {
        let run = lived(Instant::now(), 1, day, false);
        holds(day.code, &run);
        assert!(run.calls.0 > 0, "{}: nobody called", day.code);
    }
}

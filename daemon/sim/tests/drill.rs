//! The drill for a moment: one seed of every attack and every benign day. `sim --drill` plays them in full, from many seeds.

use std::time::Instant;

use centrale_numbering::Money;
use centrale_sim::drill::crowd::crowd;
use centrale_sim::drill::meter::Scene;
use centrale_sim::drill::{ATTACKS, Background, DAYS, Goal, Run, attacked, lived};
use centrale_sim::drill::{fuse, timing};

/// What a run brought about that none may, whatever was played.
fn faults(name: &str, run: &Run) -> Vec<String> {
    let (calls, refused) = &run.calls;
    let (there, all) = run.phones;
    let (asked, helped) = run.helps;
    let faults = [
        (!run.reached.is_empty(), format!("{name}: {:?}", run.reached)),
        (run.secrets > 0, format!("{name}: {} packets left with a secret", run.secrets)),
        (helped < asked || asked == 0, format!("{name}: of {asked} calls for help {helped} came through")),
        (run.bans > 0, format!("{name}: the office banned itself")),
        (run.holds > 0, format!("{name}: {} ports of phones blocked, or people held", run.holds)),
        (!refused.is_empty(), format!("{name}: of {calls} calls of the office were refused, late or cut: {refused:?}")),
        (there < all, format!("{name}: of {all} phones with a right password {there} are there")),
    ];
    faults.into_iter().filter(|(is_so, _)| *is_so).map(|(_, what)| what).collect()
}

fn all_hold_before(background: Background) {
    let mut wrong = Vec::new();
    for attack in ATTACKS {
        let run = attacked(Instant::now(), 1, attack, background, false);
        wrong.extend(faults(attack.code, &run));
        let most = match (attack.goal, background) {
            (Goal::Access, _) => Money::ZERO,
            (Goal::Money, _) => Money::from_cents(200),
            (Goal::Allowance, Background::QuietNight) => Money::from_cents(1_000),
            (Goal::Allowance, _) => Money::from_cents(5_000),
        };
        if run.leaked > most {
            wrong.push(format!("{}: {:?} were lost", attack.code, run.leaked));
        }
        let (_, missing) = &run.stories;
        if !missing.is_empty() {
            wrong.push(format!("{}: stories lack something: {missing:?}", attack.code));
        }
        if let Some(late) = run.told_after.iter().max().filter(|late| late.as_secs() >= 5) {
            wrong.push(format!("{}: the office was told after {late:?}", attack.code));
        }
        if !attack.is_named(&run) {
            wrong.push(format!("{}: the office is told {:?}, and not {:?}", attack.code, run.named, attack.named));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_099_no_attack_reaches_its_goal_in_a_quiet_night() {
    all_hold_before(Background::QuietNight);
}

#[test]
fn a_099_no_attack_reaches_its_goal_on_a_busy_day() {
    all_hold_before(Background::BusyDay);
}

#[test]
fn a_123_no_attack_reaches_its_goal_after_a_power_cut_either() {
    all_hold_before(Background::PowerCut);
}

#[test]
fn a_104_of_a_crowd_as_much_is_remembered_as_there_is_room_for_and_a_block_and_the_phones_of_before_hold() {
    let left = crowd(Instant::now(), 200_000);
    assert!(left.is_as_it_should(), "{left:?}");
}

#[test]
fn t_02_the_time_that_an_answer_takes_says_nothing_of_who_is_in_the_office() {
    let heard = timing::told_apart(Instant::now(), 30);
    // The middles are judged by `sim --drill`, where nothing else keeps the machine busy.
    assert!(heard.is_even() && heard.answers == 180, "{heard:?}");
}

#[test]
fn every_benign_day_stays_quiet() {
    let mut wrong = Vec::new();
    for day in DAYS {
        let run = lived(Instant::now(), 1, day, false);
        wrong.extend(faults(day.code, &run));
        if run.calls.0 == 0 {
            wrong.push(format!("{}: nobody called", day.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_008_in_office_days_over_the_real_exchange_no_cap_is_passed_by_more_than_one_charging_unit() {
    for (scene, days) in Scene::ALL.into_iter().zip([40, 25, 25]) {
        let spent = fuse::days(Instant::now(), 1, days, scene);
        assert!(spent.passed.is_empty(), "{scene:?}: {}", spent.passed.join("\n"));
        assert_eq!(spent.people, spent.calls, "a call is nobody's");
        let is_much = spent.calls > 60 && spent.full > 10 && spent.full_abroad > 3 && spent.ordinary > 10;
        assert!(is_much && spent.full_ordinary > 0, "too little was tried: {scene:?} {spent:?}");
    }
}

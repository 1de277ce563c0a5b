//! The handsets of a DECT base, the conference unit among them: what each shows, and whose calls it rings for.

use centrale_config::{Handset, PhoneUsers};
use centrale_sim::desk::lan::{Lan, Place};
use centrale_sim::desk::{BOOT, Profile};

use super::{boot, office, place, seconds};

/// A base for eight people, set up, with these handsets subscribed in this order.
fn base(models: &[&'static str]) -> (Lan, Place) {
    let mut lan = Lan::new(std::time::Instant::now(), office(9), 1);
    let base = place(&mut lan, Profile::W60B, 1);
    let numbers: Vec<String> = (201..209).map(|number: u16| number.to_string()).collect();
    lan.declare(base, &numbers);
    for model in models {
        lan.phone(base).subscribe_handset(model).expect("there is room");
    }
    lan.open_window();
    boot(&mut lan, base);
    seconds(&mut lan, 300);
    (lan, base)
}

fn shows(lan: &mut Lan, base: Place) -> Vec<String> {
    (1..=8).map(|place| lan.phone(base).handset_shows(place)).collect()
}

#[test]
fn eight_handsets_with_a_conference_unit_among_them_each_show_their_own_person() {
    let models = ["W53H", "W56H", "W59R", "CP930W", "W53H", "W53H", "CP935W", "W56H"];
    let (mut lan, base) = base(&models);
    let names: Vec<String> = (201..209).map(|number: u16| format!("Person {number}")).collect();
    assert_eq!(shows(&mut lan, base), names);
    assert_eq!(lan.phone(base).subscribe_handset("W53H"), None, "a ninth finds no place");
    for account in 1..=8 {
        assert_eq!(lan.phone(base).ringing_handsets(account), [account]);
    }
    let asked: Vec<String> = lan.asked.iter().map(|(_, get)| get.header("User-Agent").to_owned()).collect();
    assert!(asked.iter().all(|agent| agent.starts_with("Yealink W60B ")), "handsets have no requests of their own");
    assert_eq!(lan.enrolment.devices().len(), 1, "and no card");
}

#[test]
fn a_handset_says_what_it_lacks_the_base_its_place_or_its_registration() {
    let (mut lan, base) = base(&["W53H", "CP930W"]);
    assert_eq!(shows(&mut lan, base)[..3], ["Person 201", "Person 202", "not subscribed"]);
    lan.unplug(base);
    assert_eq!(shows(&mut lan, base)[..3], ["searching for base", "searching for base", "not subscribed"]);
    lan.power_on(base, BOOT);
    seconds(&mut lan, 120);
    assert_eq!(shows(&mut lan, base)[..2], ["Person 201", "Person 202"], "they find it again");
    lan.remove(base);
    seconds(&mut lan, 1200);
    assert_eq!(shows(&mut lan, base)[..2], ["Person 201: not registered", "Person 202: not registered"]);
}

#[test]
fn a_conference_unit_calls_out_on_its_own_account_and_a_handset_that_is_not_subscribed_cannot() {
    let (mut lan, base) = base(&["W53H", "CP930W"]);
    assert!(!lan.dial_at_handset(base, 3, "201"), "nobody subscribed it");
    assert!(lan.dial_at_handset(base, 2, "201"));
    seconds(&mut lan, 2);
    let call = lan.snapshot().calls.into_iter().next().expect("a call");
    assert_eq!(call.from, "202", "{call:?}");
}

#[test]
fn a_change_of_one_handset_restarts_the_base_once_and_brings_all_of_them_back() {
    let (mut lan, base) = base(&["W53H", "W53H"]);
    let PhoneUsers::Handsets(handsets) = &mut lan.office.phones[0].users else { panic!("a base has handsets") };
    handsets[1] = Handset { place: 2, person: "209".parse().unwrap(), model: "CP930W".into() };
    lan.commit();
    seconds(&mut lan, 10);
    assert!(!lan.phone(base).is_on(), "it restarts on a change");
    assert_eq!(shows(&mut lan, base)[..2], ["searching for base", "searching for base"]);
    seconds(&mut lan, 120);
    assert_eq!(shows(&mut lan, base)[..2], ["Person 201", "Person 209"]);
    let asked = lan.asked.len();
    seconds(&mut lan, 3600);
    assert_eq!(lan.asked.len(), asked, "and does not go round in circles");
}

#[test]
fn a_handset_that_is_taken_away_falls_silent_and_the_others_keep_their_persons() {
    let (mut lan, base) = base(&["W53H", "W53H", "W53H"]);
    let PhoneUsers::Handsets(handsets) = &mut lan.office.phones[0].users else { panic!("a base has handsets") };
    handsets.retain(|handset| handset.person.as_str() != "202");
    lan.commit();
    seconds(&mut lan, 300);
    assert_eq!(shows(&mut lan, base)[..3], ["Person 201", "W53H: no line", "Person 203"]);
    assert!(!lan.dial_at_handset(base, 2, "201"), "nobody's calls are made on it");
    assert_eq!(lan.phone(base).ringing_handsets(3), [3], "and nobody's ring on it");
    assert!(lan.dial_at_handset(base, 3, "201"));
    seconds(&mut lan, 2);
    let call = lan.snapshot().calls.into_iter().next().expect("a call");
    assert_eq!(call.from, "203", "{call:?}");
}

#[test]
fn while_somebody_talks_on_one_handset_the_base_is_left_in_peace() {
    let (mut lan, base) = base(&["W53H", "W53H"]);
    lan.phone(base).answer_always();
    assert!(lan.dial_at_handset(base, 1, "202"));
    seconds(&mut lan, 5);
    assert_eq!(lan.snapshot().calls.len(), 1);
    lan.office.people[4].name = "Somebody Else".into();
    lan.commit();
    seconds(&mut lan, 5);
    assert!(lan.phone(base).is_on() && lan.snapshot().calls.len() == 1, "they go on talking");
    assert!(lan.run_until(std::time::Duration::from_secs(300), |lan| lan.snapshot().calls.is_empty()));
    seconds(&mut lan, 120);
    assert_eq!(lan.phone(base).accounts()[4].label, "205 Somebody Else");
    assert!(lan.is_ready(base));
}

#[test]
fn what_is_set_for_handsets_reaches_them_because_the_base_is_told_to_hand_it_on() {
    let (mut lan, base) = base(&["W53H"]);
    assert_eq!(lan.phone(base).handset_setting("time_format"), "1", "24 hours");
    for key in ["static.auto_provision.handset_configured.enable", "auto_provision.handset_configured.enable"] {
        lan.phone(base).change_by_hand(key, "0");
    }
    assert_eq!(lan.phone(base).handset_setting("time_format"), "", "from the factory it keeps it to itself");
}

//! A DECT base: one device, a person per handset.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

mod kit;

use std::collections::BTreeSet;

use centrale_config::{Change, Handset, PhoneUsers};
use centrale_provisioning::enrolment::{AdoptError, Effect};
use kit::{Bench, Settings, TestPhone};

/// A base with these people's handsets, in this order, as it reads its file; and the bench it stands on.
fn base(people: &[&str]) -> (Bench, TestPhone, Settings) {
    let mut bench = Bench::new();
    bench.open_window();
    let base = TestPhone {
        user_agent: "Yealink W60B 77.85.0.25 80:5e:c0:00:00:60".into(),
        ..TestPhone::yealink("W60B", 0x60)
    };
    let first = bench.enrol(&base, people[0]);
    for person in &people[1..] {
        bench.adopt(base.mac, person);
    }
    let settings = bench.read_settings(&base, first.server()).unwrap();
    (bench, base, settings)
}

fn on(settings: &Settings) -> Vec<String> {
    let accounts = (1..=8).filter(|number| settings.value(&format!("account.{number}.enable")) == Some("1"));
    accounts.map(|number| settings.value(&format!("account.{number}.auth_name")).unwrap().to_owned()).collect()
}

/// Whose number an account of a base has, when it is on.
fn user(settings: &Settings, account: u8) -> Option<&str> {
    let value = |key: &str| settings.value(&format!("account.{account}.{key}"));
    value("user_name").filter(|_| value("enable") == Some("1"))
}

/// User name and password of every pair that may register.
fn pairs(bench: &Bench) -> BTreeSet<(String, String)> {
    let credentials = bench.enrolment.credentials().into_iter();
    credentials.map(|one| (one.username, one.secret.reveal().to_owned())).collect()
}

#[test]
fn each_handset_has_an_account_with_a_password_of_its_own() {
    let (bench, _, settings) = base(&["202", "201", "203"]);
    assert_eq!(on(&settings), ["202-805ec0000060", "201-805ec0000060", "203-805ec0000060"]);
    let written = (1..=3).map(|number| {
        let value = |key: &str| settings.value(&format!("account.{number}.{key}")).unwrap().to_owned();
        (value("auth_name"), value("password"))
    });
    assert_eq!(written.collect::<BTreeSet<_>>(), pairs(&bench), "and these are what the exchange knows");
    let passwords: BTreeSet<String> = pairs(&bench).into_iter().map(|(_, password)| password).collect();
    assert_eq!(passwords.len(), 3);
    for number in ["1", "2", "3"] {
        assert_eq!(settings.value(&format!("handset.{number}.incoming_lines")), Some(number));
        assert_eq!(settings.value(&format!("handset.{number}.dial_out_lines")), Some(number));
    }
    assert_eq!(settings.value("handset.1.name"), Some("Bob & zoon"));
}

#[test]
fn the_card_of_a_base_names_everybody_who_has_a_handset() {
    let (mut bench, base, _) = base(&["202", "201"]);
    let people = |bench: &Bench| bench.enrolment.devices()[0].people.clone();
    assert_eq!(people(&bench), ["202", "201"]);
    bench.enrolment.remove(base.mac);
    bench.pnp(&base);
    assert_eq!(people(&bench), ["202", "201"], "and before it is set up, whom the office gives it to");
}

#[test]
fn a_handset_that_is_taken_away_takes_its_account_along() {
    let (mut bench, base, settings) = base(&["201", "202"]);
    let before = pairs(&bench);
    let PhoneUsers::Handsets(handsets) = &mut bench.office.phones[0].users else { panic!("a base has handsets") };
    handsets.retain(|handset| handset.person.as_str() == "202");
    bench.look();
    bench.settle();
    assert!(bench.look().contains(&Effect::Resync(base.mac)), "the base is told");
    let after = pairs(&bench);
    assert_eq!(after.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["202-805ec0000060"]);
    assert!(after.is_disjoint(&before), "what was known to the base before opens nothing any more");
    assert_eq!(on(&bench.read_settings(&base, settings.server()).unwrap()), ["202-805ec0000060"]);
}

#[test]
fn whoever_leaves_a_base_takes_nobody_elses_handset_along() {
    let take = |number: &str| Change::RemoveHandset { mac: "805ec0000060".into(), person: number.into() };
    let gone = |number: &str| Change::RemovePerson { number: number.into() };
    for change in [take("203"), gone("203")] {
        let (mut bench, base, settings) = base(&["201", "203", "202"]);
        bench.office = bench.office.apply(change).unwrap();
        bench.settle();
        let settings = bench.read_settings(&base, settings.server()).unwrap();
        assert_eq!(user(&settings, 1), Some("201"));
        assert_eq!(user(&settings, 2), None, "who holds the second handset has no line any more");
        assert_eq!(settings.value("handset.2.name"), Some("%NULL%"));
        assert_eq!(user(&settings, 3), Some("202"), "the third rings for whom it did");
        for key in ["incoming_lines", "dial_out_lines", "dial_out_default_line"] {
            for place in ["1", "2", "3"] {
                assert_eq!(settings.value(&format!("handset.{place}.{key}")), Some(place), "no other's line");
            }
        }
        assert_eq!(settings.value("handset.3.name"), Some("Bob & zoon"));
    }
}

#[test]
fn a_handset_that_is_added_gets_the_lowest_place_that_nobody_has() {
    let (mut bench, base, settings) = base(&["201", "203", "202"]);
    let take = Change::RemoveHandset { mac: base.mac.to_string(), person: "201".into() };
    bench.office = bench.office.apply(take).unwrap();
    bench.settle();
    bench.adopt(base.mac, "201");
    let settings = bench.read_settings(&base, settings.server()).unwrap();
    assert_eq!([1, 2, 3].map(|place| user(&settings, place)), [Some("201"), Some("203"), Some("202")]);
}

#[test]
fn a_handset_that_is_added_leaves_the_others_registered_and_their_passwords_alone() {
    let (mut bench, base, settings) = base(&["201", "202"]);
    let before = pairs(&bench);
    bench.adopt(base.mac, "203");
    let after = pairs(&bench);
    assert!(after.is_superset(&before), "who was there stays who he was");
    assert_eq!(after.len(), 3);
    bench.look();
    bench.pass(2);
    assert!(bench.look().contains(&Effect::Resync(base.mac)), "the base is told of the third");
    assert_eq!(on(&bench.read_settings(&base, settings.server()).unwrap()).len(), 3);
}

#[test]
fn a_base_serves_no_more_handsets_than_its_model_does() {
    let (mut bench, base, settings) = base(&["201"]);
    bench.office.people = (201..210).map(|number| kit::person(&number.to_string(), "Collega")).collect();
    let all = (1..).zip(&bench.office.people).map(|(place, person)| Handset {
        place,
        person: person.number.clone(),
        model: String::new(),
    });
    bench.office.phones[0].users = PhoneUsers::Handsets(all.collect());
    bench.settle();
    assert_eq!(on(&bench.read_settings(&base, settings.server()).unwrap()).len(), 8);
    let ninth = bench.enrolment.adopt(base.mac, &"209".parse().unwrap()).unwrap_err();
    assert_eq!(ninth, AdoptError::BaseFull);
}

#[test]
fn a_conference_unit_of_a_base_is_never_a_phone_with_its_own_file() {
    let mut bench = Bench::new();
    bench.open_window();
    for model in ["CP930W", "CP935W", "W53H", "W56H", "W59R"] {
        let handset = TestPhone::yealink(model, 0x61);
        assert_eq!(bench.pnp(&handset), None);
        assert_eq!(bench.state(&handset).1.as_deref(), Some("model-unknown"), "{model}");
        bench.pass(60);
    }
}

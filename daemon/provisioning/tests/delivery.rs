//! A change of the office on its way to a phone: applied, pending, or failed with the reason.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

mod kit;

use centrale_config::Mac;
use centrale_provisioning::enrolment::{Effect, Resynced};
use kit::{Bench, Settings, TestPhone, person};

/// A phone with its account, in an office that is quiet.
fn at_work(phone: &TestPhone) -> (Bench, Settings) {
    let mut bench = Bench::new();
    bench.open_window();
    let settings = bench.enrol(phone, "201");
    bench.look();
    (bench, settings)
}

fn hire(bench: &mut Bench, number: &str) {
    bench.office.people.push(person(number, "Dirk"));
    bench.settle();
}

/// How far the settings of a phone are, and the reason.
fn settings_of(bench: &Bench, phone: &TestPhone) -> (String, Option<String>) {
    let views = bench.enrolment.devices();
    let view = views.iter().find(|view| view.mac == phone.mac.to_string()).unwrap();
    (format!("{:?}", view.settings.unwrap()), view.settings_reason.clone())
}

fn told(bench: &mut Bench) -> Vec<Mac> {
    let effects = bench.look().into_iter();
    effects.filter_map(|effect| if let Effect::Resync(mac) = effect { Some(mac) } else { None }).collect()
}

fn answer(bench: &mut Bench, phone: &TestPhone, outcome: Resynced) {
    let effects = bench.enrolment.handle_resynced(bench.moment(), phone.mac, outcome);
    bench.effects.extend(effects);
}

fn pending() -> (String, Option<String>) {
    ("Pending".into(), None)
}

fn applied() -> (String, Option<String>) {
    ("Applied".into(), None)
}

fn failed(reason: &str) -> (String, Option<String>) {
    ("Failed".into(), Some(reason.into()))
}

#[test]
fn a_change_is_pending_until_the_phone_has_read_it() {
    let phone = TestPhone::yealink("T46S", 20);
    let (mut bench, settings) = at_work(&phone);
    assert_eq!(settings_of(&bench, &phone), applied());
    hire(&mut bench, "204");
    assert_eq!(settings_of(&bench, &phone), pending());
    bench.pass(2);
    assert_eq!(told(&mut bench), [phone.mac], "it is told within seconds");
    answer(&mut bench, &phone, Resynced::Accepted);
    assert_eq!(settings_of(&bench, &phone), pending(), "that it will is not that it did");
    bench.get(&phone, &format!("{}{}.boot", settings.server(), phone.mac));
    assert_eq!(settings_of(&bench, &phone), pending(), "nor is a look at the boot file");
    bench.read_settings(&phone, settings.server()).unwrap();
    assert_eq!(settings_of(&bench, &phone), applied());
    bench.pass(3600);
    assert_eq!(told(&mut bench), [], "and is left alone from then on");
}

#[test]
fn many_changes_in_a_row_are_told_once() {
    let phone = TestPhone::snom("D785", 20);
    let (mut bench, settings) = at_work(&phone);
    for number in ["204", "205", "206"] {
        hire(&mut bench, number);
    }
    bench.pass(2);
    assert_eq!(told(&mut bench), [phone.mac]);
    hire(&mut bench, "207");
    bench.pass(2);
    assert_eq!(told(&mut bench), [phone.mac], "a change after that is told again");
    bench.read_settings(&phone, settings.server()).unwrap();
    assert_eq!(settings_of(&bench, &phone), applied());
}

#[test]
fn a_change_that_does_not_alter_a_phones_file_leaves_the_phone_alone() {
    let phone = TestPhone::snom("D717", 20);
    let (mut bench, _) = at_work(&phone);
    hire(&mut bench, "299");
    assert_eq!(settings_of(&bench, &phone), applied(), "its three keys are full");
    bench.pass(2);
    assert_eq!(told(&mut bench), []);
}

#[test]
fn a_change_that_is_taken_back_before_it_was_told_is_not_told() {
    let phone = TestPhone::yealink("T46S", 20);
    let (mut bench, _) = at_work(&phone);
    hire(&mut bench, "204");
    bench.office.people.pop();
    bench.settle();
    assert_eq!(settings_of(&bench, &phone), applied());
    bench.pass(2);
    assert_eq!(told(&mut bench), []);
}

#[test]
fn each_way_to_fail_is_shown_with_its_reason_and_tried_again() {
    let ways = [(Resynced::Refused(489), "resync-refused"), (Resynced::Unreachable, "unreachable")];
    for (outcome, reason) in ways {
        let phone = TestPhone::yealink("T46S", 20);
        let (mut bench, settings) = at_work(&phone);
        hire(&mut bench, "204");
        bench.pass(2);
        answer(&mut bench, &phone, outcome);
        assert_eq!(settings_of(&bench, &phone), failed(reason));
        bench.look();
        bench.pass(60);
        assert_eq!(told(&mut bench), [phone.mac], "{reason}: tried again");
        bench.read_settings(&phone, settings.server()).unwrap();
        assert_eq!(settings_of(&bench, &phone), applied(), "a phone that came by itself has it all the same");
    }
}

#[test]
fn a_phone_that_stays_away_is_asked_ever_more_rarely() {
    let phone = TestPhone::yealink("T46S", 20);
    let (mut bench, _) = at_work(&phone);
    hire(&mut bench, "204");
    let mut asked = 0;
    for _ in 0..3600 {
        bench.pass(1);
        for _ in told(&mut bench) {
            asked += 1;
            answer(&mut bench, &phone, Resynced::Unreachable);
        }
    }
    assert!((5..=20).contains(&asked), "{asked} times in an hour");
}

#[test]
fn a_phone_that_agrees_and_does_not_come_has_failed() {
    let phone = TestPhone::yealink("T46S", 20);
    let (mut bench, settings) = at_work(&phone);
    hire(&mut bench, "204");
    bench.pass(2);
    answer(&mut bench, &phone, Resynced::Accepted);
    bench.pass(4 * 60);
    assert_eq!(settings_of(&bench, &phone), pending());
    bench.pass(60);
    assert_eq!(settings_of(&bench, &phone), failed("not-fetched"));
    answer(&mut bench, &phone, Resynced::Accepted);
    assert_eq!(settings_of(&bench, &phone), failed("not-fetched"), "a second promise is worth no more");
    bench.read_settings(&phone, settings.server()).unwrap();
    assert_eq!(settings_of(&bench, &phone), applied());
}

#[test]
fn a_phone_in_a_call_is_waited_for_and_the_page_says_so() {
    let phone = TestPhone::yealink("T46S", 20);
    let (mut bench, _) = at_work(&phone);
    hire(&mut bench, "204");
    bench.pass(2);
    answer(&mut bench, &phone, Resynced::Deferred);
    assert_eq!(settings_of(&bench, &phone), ("Pending".into(), Some("in-a-call".into())));
    bench.look();
    bench.pass(2 * 3600);
    assert_eq!(told(&mut bench), [], "the exchange tells it when the call is over");
    assert_eq!(settings_of(&bench, &phone), ("Pending".into(), Some("in-a-call".into())), "however long it lasts");
    answer(&mut bench, &phone, Resynced::Accepted);
    assert_eq!(settings_of(&bench, &phone), pending());
    bench.pass(5 * 60);
    assert_eq!(settings_of(&bench, &phone), failed("not-fetched"));
}

#[test]
fn what_a_phone_has_read_is_known_after_a_restart() {
    let phone = TestPhone::yealink("T46S", 20);
    let mut bench = Bench::new();
    bench.open_window();
    bench.enrol(&phone, "201");
    let record = bench.record(&phone);
    bench.restart_with(record.clone());
    assert_eq!(settings_of(&bench, &phone), applied());
    bench.office.people.push(person("204", "Dirk"));
    bench.restart_with(record);
    assert_eq!(settings_of(&bench, &phone), pending(), "the office was changed while the box was off");
    bench.pass(2);
    assert_eq!(told(&mut bench), [phone.mac]);
}

#[test]
fn only_desk_phones_that_are_set_up_have_settings_to_follow() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    bench.boot(&phone).unwrap();
    assert_eq!(bench.enrolment.devices()[0].settings, None);
}

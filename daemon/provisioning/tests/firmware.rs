//! A phone's software: who is told of it, and who gets it.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

mod kit;

use centrale_config::{Firmware, Mac};
use centrale_provisioning::enrolment::{Effect, Neighbour};
use kit::{Bench, TestPhone, firmware, person, text};

const YEALINK: &str = "static.firmware.url";

/// A phone with its account, and the address of its software in its settings.
fn with_firmware(phone: &TestPhone, key: &str, ending: &str) -> (Bench, String) {
    let mut bench = Bench::new();
    bench.office.firmware.push(firmware(phone.model.trim_start_matches("snom"), ending));
    bench.settle();
    bench.open_window();
    let settings = bench.enrol(phone, "201");
    let url = settings.value(key).unwrap().to_owned();
    (bench, url)
}

#[test]
fn a_phone_is_told_of_the_software_for_its_model_and_gets_that_file() {
    let phone = TestPhone::yealink("T46S", 20);
    let (mut bench, url) = with_firmware(&phone, YEALINK, "rom");
    assert!(url.starts_with("https://") && url.ends_with("/T46S-1.2.3.rom"), "{url}");
    let answer = bench.get(&phone, &url);
    assert_eq!((answer.status, answer.content_type), (200, "application/octet-stream"));
    assert_eq!(answer.firmware.as_ref(), bench.office.firmware.first());
    assert_eq!(bench.get(&phone, &url.replace("T46S-1.2.3", "T46S-1.2.4")).status, 404);
    assert_eq!(bench.get(&phone, &url.replace("T46S-1.2.3.rom", "firmware.rom")).status, 404);
}

#[test]
fn a_snom_finds_its_file_in_a_list() {
    let phone = TestPhone::snom("D785", 30);
    let (mut bench, url) = with_firmware(&phone, "firmware_status", "bin");
    let list = text(&bench.get(&phone, &url));
    let document = roxmltree::Document::parse(&list).unwrap();
    assert_eq!(document.root_element().tag_name().name(), "firmware-settings");
    let file = document.root_element().first_element_child().unwrap();
    assert_eq!(file.tag_name().name(), "firmware");
    let answer = bench.get(&phone, file.text().unwrap());
    assert_eq!(answer.firmware.unwrap().file, "D785-1.2.3.bin");
}

#[test]
fn a_model_without_software_of_the_office_is_told_of_none_and_gets_none() {
    let (mut bench, url) = with_firmware(&TestPhone::yealink("T46S", 20), YEALINK, "rom");
    let other = TestPhone::yealink("T42S", 21);
    let settings = bench.enrol(&other, "202");
    assert_eq!(settings.value(YEALINK), Some("%NULL%"));
    let file = url.rsplit('/').next().unwrap();
    assert_eq!(bench.get(&other, &format!("{}{file}", settings.server())).status, 404);
}

#[test]
fn a_newer_version_is_a_change_that_the_phone_is_told_of() {
    let phone = TestPhone::yealink("T46S", 20);
    let (mut bench, url) = with_firmware(&phone, YEALINK, "rom");
    bench.office.firmware[0].file = "T46S-1.2.4.rom".into();
    bench.settle();
    let settings = bench.read_settings(&phone, &url.replace("T46S-1.2.3.rom", "")).unwrap();
    assert!(settings.value(YEALINK).unwrap().ends_with("/T46S-1.2.4.rom"));
    assert_eq!(bench.get(&phone, &url).status, 404, "the earlier one is no longer handed out");
}

#[test]
fn nobody_but_a_phone_with_an_account_gets_it_over_https() {
    let phone = TestPhone::yealink("T46S", 20);
    let (mut bench, url) = with_firmware(&phone, YEALINK, "rom");
    let clear = url.replace("https://", "http://").replace(":8443", ":8080");
    let answer = bench.get(&phone, &clear);
    assert_eq!((answer.status, answer.firmware), (404, None));
    let thief = TestPhone {
        address: "192.168.1.99".parse().unwrap(),
        neighbour: Neighbour::Is(Mac::from_octets([0xaa; 6])),
        ..phone
    };
    let answer = bench.get(&thief, &url);
    assert_eq!((answer.status, answer.firmware), (404, None));
}

#[test]
fn a_phone_that_waits_for_somebodys_word_gets_none() {
    let phone = TestPhone::yealink("T46S", 20);
    let mut bench = Bench::new();
    bench.office.firmware.push(firmware("T46S", "rom"));
    bench.settle();
    bench.open_window();
    let waiting = bench.boot(&phone).unwrap();
    assert_eq!(waiting.value(YEALINK), None);
    assert_eq!(bench.get(&phone, &format!("{}T46S-1.2.3.rom", waiting.server())).status, 404);
}

/// Twenty phones of one model at work, and then software for it.
fn rollout() -> (Bench, Vec<(TestPhone, String)>) {
    let mut bench = Bench::new();
    bench.open_window();
    let phones: Vec<_> = (20..40).map(|last| TestPhone::yealink("T46S", last)).collect();
    let mut placed = Vec::new();
    for (number, phone) in (300..).zip(&phones) {
        bench.office.people.push(person(&number.to_string(), "Colleague"));
        bench.settle();
        placed.push((phone.clone(), bench.enrol(phone, &number.to_string()).server().to_owned()));
    }
    for (phone, folder) in &placed {
        bench.read_settings(phone, folder).unwrap();
    }
    bench.pass(60);
    bench.look();
    bench.office.firmware.push(Firmware { version: "66.86.0.99".into(), ..firmware("T46S", "rom") });
    bench.settle();
    (bench, placed)
}

fn told(bench: &mut Bench) -> Vec<Mac> {
    let effects = bench.look().into_iter();
    effects.filter_map(|effect| if let Effect::Resync(mac) = effect { Some(mac) } else { None }).collect()
}

/// A phone that was told reads its settings; the address of its software, where it is its turn.
fn software(bench: &mut Bench, (phone, folder): &(TestPhone, String)) -> Option<String> {
    let settings = bench.read_settings(phone, folder).unwrap();
    settings.value(YEALINK).filter(|url| url.starts_with("https://")).map(str::to_owned)
}

#[test]
fn phones_of_one_model_get_their_software_a_few_at_a_time_each_when_another_is_back() {
    let (mut bench, phones) = rollout();
    bench.pass(2);
    let first = told(&mut bench);
    assert_eq!(first, phones[..8].iter().map(|(phone, _)| phone.mac).collect::<Vec<_>>());
    assert_eq!(software(&mut bench, &phones[8]), None, "who reads unasked has to wait for it too");
    let url = software(&mut bench, &phones[0]).unwrap();
    assert_eq!(bench.get(&phones[0].0, &url).status, 200);
    bench.pass(100);
    assert_eq!(told(&mut bench), [], "it is still busy");
    software(&mut bench, &phones[0]).unwrap();
    bench.pass(2);
    assert_eq!(told(&mut bench), [phones[8].0.mac], "it is back after its restart");
}

#[test]
fn a_phone_that_does_not_fetch_its_software_holds_up_the_others_for_minutes_only() {
    let (mut bench, phones) = rollout();
    bench.pass(2);
    assert_eq!(told(&mut bench).len(), 8);
    let url = software(&mut bench, &phones[0]).unwrap();
    assert_eq!(bench.get(&phones[0].0, &url).status, 200);
    phones[1..8].iter().for_each(|phone| drop(software(&mut bench, phone)));
    bench.pass(180);
    bench.pass(2);
    assert_eq!(told(&mut bench), phones[8..15].iter().map(|(phone, _)| phone.mac).collect::<Vec<_>>());
    bench.pass(600);
    bench.pass(2);
    let rest: Vec<Mac> =
        told(&mut bench).into_iter().filter(|mac| phones[15..].iter().any(|(phone, _)| phone.mac == *mac)).collect();
    assert_eq!(
        rest,
        phones[15..].iter().map(|(phone, _)| phone.mac).collect::<Vec<_>>(),
        "and one that never comes back, too"
    );
}

#[test]
fn who_waits_for_software_is_told_of_other_changes_at_once_and_who_has_it_does_not_wait() {
    let (mut bench, phones) = rollout();
    bench.pass(2);
    bench.look();
    bench.office.people.push(person("204", "Dirk"));
    bench.settle();
    bench.pass(2);
    assert_eq!(told(&mut bench).len(), 20);
    let mut last = phones[19].clone();
    last.0.user_agent = last.0.user_agent.replace("66.86.0.15", "66.86.0.99");
    assert!(software(&mut bench, &last).is_some(), "it says that it has this version");
    assert_eq!(software(&mut bench, &phones[18]), None);
}

#[test]
fn whose_turn_it_was_is_remembered_over_a_restart() {
    let (mut bench, phones) = rollout();
    bench.pass(2);
    software(&mut bench, &phones[0]).unwrap();
    let kept = bench.record(&phones[0].0);
    bench.restart_with(kept);
    bench.look();
    assert!(software(&mut bench, &phones[0]).is_some());
    bench.pass(2);
    assert_eq!(told(&mut bench), [], "it has read that already");
}

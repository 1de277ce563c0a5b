//! A phone's software: who is told of it, and who gets it.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

mod kit;

use centrale_config::Mac;
use centrale_provisioning::enrolment::Neighbour;
use kit::{Bench, TestPhone, firmware, text};

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

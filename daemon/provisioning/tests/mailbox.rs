//! Messages that wait: whoever has a mailbox is told of them by the phone, and nobody else's phone asks.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

mod kit;

use centrale_config::{PhoneUsers, Voicemail};
use centrale_provisioning::enrolment::Effect;
use kit::{Bench, Settings, TestPhone, desk_phones};

/// What a phone does about messages that wait, by the names of its maker.
const YEALINK: [&str; 5] = [
    "account.1.subscribe_mwi",
    "account.1.subscribe_mwi_expires",
    "account.1.subscribe_mwi_to_vm",
    "account.1.display_mwi.enable",
    "voice_mail.number.1",
];
const SNOM: [&str; 4] = ["user_mailbox#1", "mwi_notification", "mwi_dialtone", "dkey_retrieve"];

fn values<'a>(settings: &'a Settings, phone: &TestPhone) -> Vec<&'a str> {
    let keys = if phone.model.starts_with("snom") { SNOM.as_slice() } else { YEALINK.as_slice() };
    keys.iter().map(|key| settings.value(key).unwrap_or_else(|| panic!("{}: {key}", phone.model))).collect()
}

#[test]
fn every_phone_tells_who_has_a_mailbox_of_messages_and_asks_for_nobody_else() {
    for (_, phone) in desk_phones(&Bench::new()) {
        let mut bench = Bench::new();
        bench.open_window();
        let (with, without) = if phone.model.starts_with("snom") {
            (vec!["201", "silent", "stutter", "speed *97"], vec!["", "silent", "normal", "speed *97"])
        } else {
            (vec!["1", "3600", "0", "1", "*97"], vec!["0", "3600", "0", "0", "*97"])
        };
        let settings = bench.enrol(&phone, "201");
        assert_eq!(values(&settings, &phone), with, "{}", phone.model);

        bench.office.people[0].voicemail = None;
        bench.settle();
        let settings = bench.read_settings(&phone, settings.server()).unwrap();
        assert_eq!(values(&settings, &phone), without, "{}: a mailbox that is taken away is written off", phone.model);
    }
}

#[test]
fn whoever_is_given_a_mailbox_has_it_on_the_phone_at_once() {
    for phone in [TestPhone::yealink("T46S", 20), TestPhone::snom("D785", 20)] {
        let mut bench = Bench::new();
        bench.open_window();
        bench.enrol(&phone, "202");
        bench.pass(10);
        bench.look();
        bench.office.people[1].voicemail = Some(Voicemail::USUAL);
        bench.settle();
        bench.pass(10);
        assert!(bench.look().contains(&Effect::Resync(phone.mac)), "{} is told to read again", phone.model);
    }
}

#[test]
fn each_handset_of_a_base_tells_of_its_own_persons_messages() {
    let mut bench = Bench::new();
    bench.open_window();
    let base = TestPhone::yealink("W60B", 20);
    let server = bench.enrol(&base, "202").server().to_owned();
    bench.adopt(base.mac, "201");
    assert!(matches!(&bench.office.phones[0].users, PhoneUsers::Handsets(handsets) if handsets.len() == 2));
    let settings = bench.read_settings(&base, &server).unwrap();
    let asks = |account: u8| settings.value(&format!("account.{account}.subscribe_mwi")).unwrap();
    assert_eq!((asks(1), asks(2)), ("0", "1"), "202 has no mailbox, and 201 has one");
}

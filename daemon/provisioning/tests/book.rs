//! The phone book at the address that phones are given.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

mod kit;

use centrale_config::Mac;
use centrale_provisioning::enrolment::{Alarm, AlarmKind, ClientCertificate, Effect, Neighbour};
use kit::{Bench, TestPhone, own_certificate, text};

/// A phone with its account, and the address of the book in its settings.
fn with_book(phone: &TestPhone, key: &str) -> (Bench, String) {
    let mut bench = Bench::new();
    bench.open_window();
    let settings = bench.enrol(phone, "201");
    let url = settings.value(key).unwrap().to_owned();
    (bench, url)
}

#[test]
fn a_phone_reads_the_office_and_finds_one_name_in_it() {
    let phone = TestPhone::yealink("T46S", 20);
    let (mut bench, url) = with_book(&phone, "remote_phonebook.data.1.url");
    let whole = bench.get(&phone, &url);
    assert_eq!((whole.status, whole.content_type), (200, "application/xml; charset=utf-8"));
    let lists = |book: &str, number: &str| book.contains(&format!("<Telephone>{number}</Telephone>"));
    let book = text(&whole);
    assert!(["201", "202", "203", "250"].iter().all(|number| lists(&book, number)), "{book}");
    let found = text(&bench.get(&phone, &format!("{url}?search=anna%20j")));
    assert!(lists(&found, "201") && !lists(&found, "202"), "{found}");
}

#[test]
fn a_snom_turns_the_pages_at_the_address_it_asked() {
    let phone = TestPhone::snom("D785", 30);
    let mut bench = Bench::new();
    bench.open_window();
    let settings = bench.enrol(&phone, "201");
    let folder = settings.server().rsplit_once('/').unwrap().0.to_owned();
    for number in 300..360 {
        bench.office.people.push(kit::person(&number.to_string(), "Colleague"));
    }
    bench.settle();
    let book = text(&bench.get(&phone, &format!("{folder}/phonebook.xml")));
    assert!(!book.contains("<Telephone>359<"), "{book}");
    let next = book.lines().find_map(|line| line.trim().strip_prefix("<URL>")?.strip_suffix("from=50</URL>")).unwrap();
    let next = format!("{}from=50", next.replace("&amp;", "&"));
    assert!(text(&bench.get(&phone, &next)).contains("<Telephone>359<"), "{next}");
}

#[test]
fn nobody_but_a_phone_with_an_account_reads_it() {
    let phone = TestPhone::yealink("T46S", 20);
    let (mut bench, url) = with_book(&phone, "remote_phonebook.data.1.url");
    let thief = TestPhone {
        address: "192.168.1.99".parse().unwrap(),
        neighbour: Neighbour::Is(Mac::from_octets([0xaa; 6])),
        ..phone.clone()
    };
    let refused = bench.get(&thief, &url);
    assert_eq!(refused.status, 404);
    assert!(!text(&refused).contains("Anna"));
    assert_eq!(bench.get(&phone, &url).status, 404, "a stolen token is dead for everybody");
    assert_eq!(bench.refused("token-misused"), 1);
}

#[test]
fn a_part_of_the_phone_that_asks_under_another_name_gets_no_book_and_costs_the_phone_nothing() {
    let phone =
        TestPhone { certificate: own_certificate(&TestPhone::yealink("T46S", 20)), ..TestPhone::yealink("T46S", 20) };
    let browser = TestPhone { user_agent: "Yealink SIP-T54W 96.86.0.70".into(), ..phone.clone() };
    let bare = TestPhone { certificate: ClientCertificate::None, ..phone.clone() };
    for (asks, alarm) in [(browser, AlarmKind::UserAgentDiffers), (bare, AlarmKind::CertificateDiffers)] {
        let (mut bench, url) = with_book(&phone, "remote_phonebook.data.1.url");
        bench.look();
        assert_eq!(bench.get(&asks, &url).status, 404);
        let alarms: Vec<_> = bench.look().into_iter().filter(|effect| matches!(effect, Effect::Alarm(_))).collect();
        let told = Effect::Alarm(Alarm { kind: alarm, mac: Some(phone.mac), source: phone.address });
        assert_eq!(alarms, [told]);
        assert_eq!(bench.refused(alarm.code().trim_start_matches("device-")), 1);
        assert_eq!(bench.state(&phone), ("Ready".into(), None));
        assert_eq!(bench.enrolment.credentials().len(), 1, "it stays registered");
        assert_eq!(bench.get(&phone, &url).status, 200, "and reads its book as itself");
    }
}

#[test]
fn a_phone_that_waits_for_somebodys_word_gets_no_names() {
    let phone = TestPhone::yealink("T46S", 20);
    let mut bench = Bench::new();
    bench.open_window();
    let waiting = bench.boot(&phone).unwrap();
    let url = format!("{}phonebook.xml", waiting.server());
    assert_eq!(bench.get(&phone, &url).status, 404);
}

#[test]
fn the_book_is_made_once_a_revision_for_all_phones() {
    let (one, other) = (TestPhone::yealink("T46S", 20), TestPhone::yealink("T42S", 21));
    let (mut bench, url) = with_book(&one, "remote_phonebook.data.1.url");
    let others = bench.enrol(&other, "202").value("remote_phonebook.data.1.url").unwrap().to_owned();
    let first = bench.get(&one, &url).body;
    assert_eq!(bench.get(&other, &others).body.as_ptr(), first.as_ptr(), "the same bytes, not a copy of them");
    bench.office.people.push(kit::person("204", "Dirk"));
    bench.settle();
    let second = bench.get(&one, &url).body;
    assert!(second.len() > first.len());
    assert_eq!(bench.get(&other, &others).body.as_ptr(), second.as_ptr());
}

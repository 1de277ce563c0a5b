//! The way of an honest phone, from its first packet to its account, and back again when something changes.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

mod kit;

use std::sync::Arc;

use centrale_config::{Mac, PhoneUsers};
use centrale_provisioning::Enrolment;
use centrale_provisioning::enrolment::{BoxAddresses, DeviceRecord, Effect, Neighbour, SipTransport};
use kit::{Bench, TestPhone, addresses, own_certificate, person, text};

#[test]
fn a_045_an_untouched_phone_is_set_up_once_somebody_says_whose_it_is() {
    for phone in [TestPhone::yealink("T54W", 20), TestPhone::snom("D785", 21)] {
        let mut bench = Bench::new();
        bench.open_window();
        let waiting = bench.boot(&phone).unwrap();
        assert_eq!(waiting.password(), None, "no account before somebody's word");
        assert_eq!(bench.state(&phone), ("New".into(), Some("waiting-for-adoption".into())));
        let code = bench.enrolment.devices()[0].code.clone().unwrap();
        let shown = ["linekey.1.label", "fkey#0"].iter().find_map(|key| waiting.value(key)).unwrap();
        assert!(shown.contains(&code), "the phone shows the code that the page shows: {shown}");
        assert!(bench.enrolment.credentials().is_empty());

        bench.adopt(phone.mac, "201");
        assert_eq!(bench.state(&phone).0, "SettingUp");
        let settings = bench.read_settings(&phone, waiting.server()).unwrap();
        let [pair] = bench.enrolment.credentials().try_into().unwrap();
        assert_eq!(pair.username, format!("201-{}", phone.mac));
        assert_eq!(
            (settings.username(), settings.password()),
            (Some(pair.username.as_str()), Some(pair.secret.reveal()))
        );
        assert_eq!((pair.number.as_str(), pair.device), ("201", Some(phone.mac)));
        assert_eq!(bench.state(&phone), ("Ready".into(), None));
    }
}

#[test]
fn the_house_hears_of_a_new_pair_exactly_when_there_is_one() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    let waiting = bench.boot(&phone).unwrap();
    let changed = |effects: &[Effect]| effects.iter().filter(|effect| **effect == Effect::CredentialsChanged).count();
    assert_eq!(changed(&bench.look()), 0);
    bench.adopt(phone.mac, "201");
    assert_eq!(changed(&bench.look()), 0, "the word alone makes no secret");
    bench.read_settings(&phone, waiting.server()).unwrap();
    let effects = bench.look();
    assert_eq!(changed(&effects), 1);
    let saved = effects.iter().any(|effect| {
        matches!(effect, Effect::Save { record, secret: Some(_) } if record.mac == phone.mac && record.enrolled.is_some())
    });
    assert!(saved, "and it outlives a power cut");
}

#[test]
fn a_phone_that_was_declared_beforehand_needs_no_further_word() {
    let mut bench = Bench::new();
    let phone = TestPhone::snom("D735", 21);
    bench.declare(&phone, "D735", "202");
    bench.open_window();
    let settings = bench.boot(&phone).unwrap();
    assert_eq!(settings.username(), Some(format!("202-{}", phone.mac).as_str()));
}

#[test]
fn a_105_outside_a_window_a_phone_is_seen_and_not_answered() {
    let mut bench = Bench::new();
    let phone = TestPhone::yealink("T46S", 20);
    assert_eq!(bench.pnp(&phone), None);
    assert_eq!(bench.state(&phone), ("New".into(), Some("window-closed".into())));
    let view = bench.enrolment.devices().remove(0);
    assert_eq!((view.vendor.as_str(), view.model.as_str(), view.address.as_str()), ("yealink", "T46S", "192.168.1.20"));
}

#[test]
fn a_window_closes_by_itself_and_takes_unused_addresses_with_it() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    let url = bench.pnp(&phone).unwrap();
    assert_eq!(bench.enrolment.window_open_until(bench.moment()), Some(1_700_000_000 + 15 * 60));
    bench.pass(15 * 60);
    assert!(bench.look().contains(&Effect::Window { open_until: None }));
    assert_eq!(bench.enrolment.window_open_until(bench.moment()), None);
    assert_eq!(bench.read_settings(&phone, &url), None);
}

#[test]
fn a_phone_that_began_in_the_window_may_finish_after_it() {
    let mut bench = Bench::new();
    bench.open_window();
    bench.pass(14 * 60);
    let phone = TestPhone::yealink("T46S", 20);
    let url = bench.pnp(&phone).unwrap();
    let bootstrap = bench.read_settings(&phone, &url).unwrap();
    bench.pass(120);
    assert!(bench.read_settings(&phone, bootstrap.server()).is_some());
}

#[test]
fn a_repeated_request_gets_the_same_file() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    let url = bench.pnp(&phone).unwrap();
    let bootstrap = bench.read_settings(&phone, &url).unwrap();
    assert_eq!(bench.read_settings(&phone, &url).as_ref(), Some(&bootstrap));
    bench.declare(&phone, "T46S", "201");
    let settings = bench.read_settings(&phone, bootstrap.server()).unwrap();
    assert_eq!(bench.read_settings(&phone, bootstrap.server()).as_ref(), Some(&settings), "the first answer got lost");
    assert_eq!(
        bench.read_settings(&phone, settings.server()).as_ref(),
        Some(&settings),
        "an unchanged file, no action"
    );
}

#[test]
fn the_first_token_dies_when_the_second_is_used() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    bench.declare(&phone, "T46S", "201");
    let url = bench.pnp(&phone).unwrap();
    let bootstrap = bench.read_settings(&phone, &url).unwrap();
    let settings = bench.read_settings(&phone, bootstrap.server()).unwrap();
    assert!(bench.read_settings(&phone, settings.server()).is_some());
    assert_eq!(bench.read_settings(&phone, bootstrap.server()), None);
}

#[test]
fn the_first_token_dies_after_ten_minutes() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    let url = bench.pnp(&phone).unwrap();
    let bootstrap = bench.read_settings(&phone, &url).unwrap();
    bench.pass(600);
    assert_eq!(bench.read_settings(&phone, bootstrap.server()), None);
}

#[test]
fn a_phone_told_only_the_boxs_address_by_the_router_is_set_up_in_a_window() {
    for (phone, name) in
        [(TestPhone::yealink("T46S", 20), ""), (TestPhone::snom("D717", 21), "snomD717-000413000015.htm")]
    {
        let mut bench = Bench::new();
        let url = format!("http://192.168.1.2:8080/{name}");
        assert_eq!(bench.read_settings(&phone, &url), None, "not outside one");
        bench.open_window();
        let bootstrap = bench.read_settings(&phone, &url).expect("but inside");
        assert_eq!(bootstrap.password(), None);
        bench.declare(&phone, &phone.model.replace("snom", ""), "203");
        assert!(bench.read_settings(&phone, bootstrap.server()).unwrap().password().is_some());
    }
}

#[test]
fn the_routers_phone_from_another_network_waits_for_a_word_like_any_other() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone { neighbour: Neighbour::Routed, ..TestPhone::yealink("T46S", 20) };
    let bootstrap = bench.read_settings(&phone, "http://192.168.1.2:8080/").unwrap();
    assert_eq!(bench.read_settings(&phone, bootstrap.server()).unwrap().password(), None);
}

#[test]
fn a_new_address_from_the_router_changes_nothing() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    let settings = bench.enrol(&phone, "201");
    let moved = TestPhone { address: "192.168.1.99".parse().unwrap(), ..phone };
    assert_eq!(bench.read_settings(&moved, settings.server()), Some(settings));
    assert_eq!(bench.enrolment.devices()[0].address, "192.168.1.99");
}

#[test]
fn new_firmware_changes_nothing() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    let settings = bench.enrol(&phone, "201");
    let newer = TestPhone { user_agent: "Yealink SIP-T46S 66.87.0.1".into(), ..phone };
    assert_eq!(bench.read_settings(&newer, settings.server()), Some(settings));
}

#[test]
fn a_phone_that_was_reset_is_set_up_again_when_somebody_says_so_and_works_until_then() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    bench.enrol(&phone, "201");
    let before = bench.enrolment.credentials();
    bench.pass(3600);
    bench.open_window();
    let waiting = bench.boot(&phone).unwrap();
    assert_eq!(waiting.password(), None, "a copy of its MAC address is not enough");
    assert_eq!(bench.enrolment.credentials(), before, "and does not throw the real one out");
    assert_eq!(bench.state(&phone), ("New".into(), Some("waiting-for-adoption".into())));
    bench.adopt(phone.mac, "201");
    let settings = bench.read_settings(&phone, waiting.server()).unwrap();
    let after = bench.enrolment.credentials();
    assert_eq!(after.len(), 1);
    assert_ne!(after, before, "under a new secret");
    assert_eq!(settings.password(), Some(after[0].secret.reveal()));
}

#[test]
fn a_word_given_when_a_reset_phone_was_heard_counts_when_the_window_opens() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    bench.enrol(&phone, "201");
    bench.pass(3600);
    assert_eq!(bench.pnp(&phone), None);
    bench.adopt(phone.mac, "201");
    bench.open_window();
    assert!(bench.boot(&phone).unwrap().password().is_some());
}

#[test]
fn a_phone_with_a_global_address_on_the_offices_own_network_is_set_up() {
    let mut bench = Bench::new();
    bench.open_window();
    let address = "2001:db8::20".parse().unwrap();
    let phone = TestPhone { address, ..TestPhone::yealink("T46S", 20) };
    assert!(bench.read_settings(&phone, "http://192.168.1.2:8080/").is_some());
}

#[test]
fn a_phone_with_its_makers_certificate_needs_no_second_word_after_a_reset() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    let phone = TestPhone { certificate: own_certificate(&phone), ..phone };
    bench.enrol(&phone, "201");
    bench.pass(3600);
    bench.open_window();
    assert!(bench.boot(&phone).unwrap().password().is_some());
}

#[test]
fn a_removed_phone_is_nobody_at_once() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    let settings = bench.enrol(&phone, "201");
    bench.look();
    bench.office.phones.clear();
    bench.settle();
    assert_eq!(bench.look(), [Effect::Forget(phone.mac), Effect::CredentialsChanged]);
    assert!(bench.enrolment.credentials().is_empty());
    assert_eq!(bench.read_settings(&phone, settings.server()), None);
}

#[test]
fn a_phone_that_changes_hands_gets_a_new_secret_and_is_told_first() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    let settings = bench.enrol(&phone, "201");
    bench.look();
    bench.office.phones[0].users = PhoneUsers::Person("202".parse().unwrap());
    bench.settle();
    let effects = bench.look();
    let place = |wanted: &Effect| effects.iter().position(|effect| effect == wanted).unwrap();
    assert!(place(&Effect::Resync(phone.mac)) < place(&Effect::CredentialsChanged));
    let changed = bench.read_settings(&phone, settings.server()).unwrap();
    assert_eq!(changed.username(), Some(format!("202-{}", phone.mac).as_str()));
    assert_ne!(changed.password(), settings.password());
    assert_eq!(bench.enrolment.credentials().len(), 1);
}

#[test]
fn a_new_colleague_appears_on_the_keys_of_who_has_keys() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    let settings = bench.enrol(&phone, "201");
    let full = TestPhone::snom("D717", 21);
    bench.enrol(&full, "202");
    bench.settle();
    bench.look();
    bench.office.people.push(person("204", "Dirk"));
    bench.settle();
    bench.pass(2);
    let told = bench.look().into_iter().filter(|effect| matches!(effect, Effect::Resync(_)));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [Effect::Resync(phone.mac)],
        "a phone whose three keys are full reads nothing new"
    );
    let now = bench.read_settings(&phone, settings.server()).unwrap();
    let labels: Vec<&str> = (1..=5).filter_map(|key| now.value(&format!("linekey.{key}.label"))).collect();
    assert_eq!(labels, ["201 Anna Jansen", "Bob & zoon", "Çem", "Dirk", "Winkel"]);
}

#[test]
fn a_resync_makes_a_phone_read_a_file_that_is_otherwise_the_same() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    let settings = bench.enrol(&phone, "201");
    let url = format!("{}{}.cfg", settings.server(), phone.mac);
    let before = text(&bench.get(&phone, &url));
    assert!(bench.enrolment.resync(bench.moment(), phone.mac).contains(&Effect::Resync(phone.mac)));
    let after = text(&bench.get(&phone, &url));
    assert_ne!(before, after);
    assert_eq!(kit::read_yealink(&before), kit::read_yealink(&after), "only a comment differs");
    assert_eq!(
        bench.enrolment.resync(bench.moment(), Mac::from_octets([1; 6])),
        [],
        "a phone that is not there is not told"
    );
}

#[test]
fn the_certificate_can_still_be_fetched_when_the_window_has_just_closed() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    let url = bench.pnp(&phone).unwrap();
    bench.read_settings(&phone, &url).unwrap();
    bench.enrolment.close_window();
    assert_eq!(bench.get(&phone, &format!("{url}ca.pem")).status, 200);
    assert_eq!(bench.read_settings(&phone, &url), None, "and nothing else");
}

#[test]
fn a_restart_of_the_box_keeps_enrolled_and_waiting_phones() {
    let mut bench = Bench::new();
    bench.open_window();
    let (ready, waits) = (TestPhone::yealink("T46S", 20), TestPhone::snom("D765", 21));
    let settings = bench.enrol(&ready, "201");
    let waiting = bench.boot(&waits).unwrap();
    let mut kept = std::collections::BTreeMap::new();
    for effect in bench.look() {
        if let Effect::Save { record, secret } = effect {
            let json = serde_json::to_string(&record).unwrap();
            assert!(!json.contains(settings.password().unwrap()), "the record holds no secret");
            let token = settings.server().split('/').nth(4).unwrap();
            assert!(!json.contains(token), "and no token");
            kept.insert(record.mac, (json, secret));
        }
    }
    let office = Arc::new(bench.office.clone());
    bench.enrolment = Enrolment::new(Arc::clone(&bench.catalogue), addresses(), office);
    for (json, secret) in kept.into_values() {
        let record: DeviceRecord = serde_json::from_str(&json).unwrap();
        bench.enrolment.restore(record, secret);
    }
    bench.settle();
    assert_eq!(bench.read_settings(&ready, settings.server()), Some(settings));
    bench.adopt(waits.mac, "202");
    assert!(bench.read_settings(&waits, waiting.server()).unwrap().password().is_some());
}

#[test]
fn a_phone_of_which_the_store_lost_a_part_is_locked_out_and_its_card_says_so() {
    for lose_the_secret in [true, false] {
        let mut bench = Bench::new();
        bench.open_window();
        let phone = TestPhone::yealink("T46S", 20);
        let settings = bench.enrol(&phone, "201");
        let (mut record, mut secret) = bench.record(&phone);
        if lose_the_secret {
            secret = None;
        } else {
            record.people.clear();
        }
        bench.restart_with((record, secret));
        assert_eq!(bench.read_settings(&phone, settings.server()), None, "it is not served");
        assert!(bench.enrolment.credentials().is_empty());
        assert_eq!(bench.state(&phone), ("Failed".into(), Some("record-incomplete".into())));
        bench.open_window();
        let waiting = bench.boot(&phone).unwrap();
        bench.adopt(phone.mac, "201");
        let again = bench.read_settings(&phone, waiting.server()).unwrap();
        assert!(again.password().is_some(), "a new set-up brings it back");
        assert_eq!(bench.state(&phone), ("Ready".into(), None));
    }
}

#[test]
fn phones_are_told_what_the_box_and_their_model_can_speak() {
    let table = [(SipTransport::Udp, "0", "5060"), (SipTransport::Tcp, "1", "5060"), (SipTransport::Tls, "2", "5061")];
    for (transport, kind, port) in table {
        let mut bench = Bench::with_addresses(BoxAddresses { transport, ..addresses() });
        bench.open_window();
        let settings = bench.enrol(&TestPhone::yealink("T46S", 20), "201");
        assert_eq!(settings.value("account.1.sip_server.1.transport_type"), Some(kind));
        assert_eq!(settings.value("account.1.sip_server.1.port"), Some(port));
        let srtp = if transport == SipTransport::Tls { "2" } else { "0" };
        assert_eq!(settings.value("account.1.srtp_encryption"), Some(srtp), "keys never travel in clear");
    }
}

#[test]
fn a_box_with_a_name_is_found_by_its_name() {
    let name = Some("centrale.lan".to_owned());
    let mut bench = Bench::with_addresses(BoxAddresses { name, ..addresses() });
    bench.open_window();
    let phone = TestPhone::snom("D785", 21);
    let url = bench.pnp(&phone).unwrap();
    assert!(url.starts_with("http://centrale.lan:8080/b/"), "{url}");
    let bootstrap = bench.read_settings(&phone, &url).unwrap();
    assert!(bootstrap.server().starts_with("https://centrale.lan:8443/p/"));
}

#[test]
fn the_certificate_is_there_for_who_was_told_where() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    let url = bench.pnp(&phone).unwrap();
    let bootstrap = bench.read_settings(&phone, &url).unwrap();
    let where_to = bootstrap.value("static.trusted_certificates.url").unwrap().to_owned();
    let answer = bench.get(&TestPhone { user_agent: String::new(), ..phone }, &where_to);
    assert_eq!((answer.status, text(&answer).as_str()), (200, kit::CA_PEM));
}

#[test]
fn a_model_without_a_manifest_is_shown_with_that_reason() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T99Z", 20);
    assert_eq!(bench.pnp(&phone), None);
    assert_eq!(bench.state(&phone), ("New".into(), Some("model-unknown".into())));
    assert_eq!(bench.enrolment.devices()[0].model, "T99Z");
}

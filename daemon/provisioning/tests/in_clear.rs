//! Phones whose TLS is too old, phones that ask in vain, and phones that nobody's neighbour table can tell.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

mod kit;

use std::net::IpAddr;

use centrale_config::Mac;
use centrale_provisioning::enrolment::{AlarmKind, Effect, Neighbour, Scheme, SettingsState, TlsFault};
use kit::{Bench, Settings, TestPhone, person};

fn allow(bench: &mut Bench, phone: &TestPhone, allowed: bool) {
    let effects = bench.enrolment.allow_plain_http(phone.mac, allowed).unwrap();
    bench.effects.extend(effects);
}

/// An old phone that was allowed to come without TLS, with its account and the folder it asks from now on.
fn old_phone(phone: &TestPhone) -> (Bench, Settings) {
    let mut bench = Bench::new();
    bench.open_window();
    bench.pnp(phone).unwrap();
    allow(&mut bench, phone, true);
    bench.pass(60);
    let bootstrap = {
        let url = bench.pnp(phone).unwrap();
        bench.read_settings(phone, &url).unwrap()
    };
    assert!(bootstrap.server().starts_with("http://192.168.1.2:8080/p/"), "{}", bootstrap.server());
    let waiting = bench.read_settings(phone, bootstrap.server()).unwrap();
    assert_eq!(waiting.password(), None, "somebody must still say whose it is");
    bench.adopt(phone.mac, "201");
    let settings = bench.read_settings(phone, waiting.server()).unwrap();
    assert!(settings.password().is_some());
    (bench, settings)
}

#[test]
fn a_phone_that_cannot_speak_tls_says_so_on_its_card() {
    for (fault, reason) in [(TlsFault::TooOld, "tls-too-old"), (TlsFault::NotTrusted, "tls-not-trusted")] {
        for neighbour in [Neighbour::Is(Mac::from_octets([0x80, 0x5e, 0xc0, 0, 0, 20])), Neighbour::NoEntry] {
            let mut bench = Bench::new();
            bench.open_window();
            let phone = TestPhone::yealink("T46S", 20);
            let url = bench.pnp(&phone).unwrap();
            bench.read_settings(&phone, &url).unwrap();
            let effects = bench.enrolment.handle_tls_fault(phone.address, neighbour, fault);
            assert!(effects.iter().any(|effect| matches!(effect, Effect::Seen(_))), "the page is told");
            assert_eq!(bench.state(&phone), ("SettingUp".into(), Some(reason.into())));
            assert_eq!(bench.refused(reason), 1);
        }
    }
}

#[test]
fn a_browser_that_fails_at_tls_makes_no_card() {
    let mut bench = Bench::new();
    let stranger = Mac::from_octets([0xaa; 6]);
    bench.enrolment.handle_tls_fault("192.168.1.77".parse().unwrap(), Neighbour::Is(stranger), TlsFault::NotTrusted);
    assert_eq!(bench.enrolment.devices(), []);
}

#[test]
fn without_tls_a_change_is_told_once_and_only_to_who_was_allowed() {
    let phone = TestPhone::yealink("T46S", 20);
    let (mut bench, settings) = old_phone(&phone);
    assert_eq!(settings.value("account.1.sip_server.1.transport_type"), Some("0"), "its calls go over UDP");
    let url = format!("{}{}.cfg", settings.server(), phone.mac);
    assert_eq!(bench.get(&phone, &url).status, 404, "a second time is once too often");
    assert_eq!(bench.refused("already-delivered"), 1);
    assert_eq!(bench.state(&phone), ("Ready".into(), None), "and no misuse: phones ask each day");
    bench.office.people.push(person("204", "Dirk"));
    bench.settle();
    assert_eq!(bench.get(&phone, &url).status, 200, "a change is told");
    assert_eq!(bench.get(&phone, &url).status, 404);
    bench.enrolment.resync(bench.moment(), phone.mac);
    assert_eq!(bench.get(&phone, &url).status, 200, "and again when somebody asks for it");
}

#[test]
fn without_tls_a_file_that_did_not_go_out_is_given_again() {
    let phone = TestPhone::yealink("T46S", 20);
    let (mut bench, settings) = old_phone(&phone);
    let url = format!("{}{}.cfg", settings.server(), phone.mac);
    let path = url.strip_prefix("http://192.168.1.2:8080").unwrap();
    assert_eq!(bench.get(&phone, &url).status, 404, "it was given");
    bench.look();
    let effects = bench.enrolment.handle_not_sent(bench.moment(), Scheme::Http, path);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Save { .. })), "also after a restart");
    assert_eq!(bench.enrolment.devices()[0].settings, Some(SettingsState::Pending));
    assert_eq!(bench.get(&phone, &url).status, 200);
    assert_eq!(bench.get(&phone, &url).status, 404, "once");
    for stranger in ["/p/00000000000000000000000000000000/x.cfg", "/l/0", "/x.cfg", ""] {
        assert_eq!(bench.enrolment.handle_not_sent(bench.moment(), Scheme::Http, stranger), [], "{stranger}");
    }
}

#[test]
fn a_phone_that_was_set_up_over_tls_goes_on_calling_over_it_when_it_may_come_without() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    let settings = bench.enrol(&phone, "201");
    allow(&mut bench, &phone, true);
    let again = bench.read_settings(&phone, settings.server()).unwrap();
    assert_eq!(again.value("account.1.sip_server.1.transport_type"), Some("2"));
    assert_eq!(again, settings);
}

#[test]
fn without_tls_only_the_phones_own_place_counts() {
    let phone = TestPhone::yealink("T46S", 20);
    let (mut bench, settings) = old_phone(&phone);
    bench.office.people.push(person("204", "Dirk"));
    bench.settle();
    let url = format!("{}{}.cfg", settings.server(), phone.mac);
    for neighbour in
        [Neighbour::Routed, Neighbour::NoEntry, Neighbour::Loopback, Neighbour::Is(Mac::from_octets([2; 6]))]
    {
        let elsewhere = TestPhone { neighbour, ..phone.clone() };
        assert_eq!(bench.get(&elsewhere, &url).status, 404, "{neighbour:?}");
    }
    assert_eq!(bench.refused("token-in-clear"), 4);
    assert_eq!(bench.get(&phone, &url).status, 200);
}

#[test]
fn what_was_told_in_clear_dies_when_it_is_no_longer_allowed() {
    let phone = TestPhone::yealink("T46S", 20);
    let (mut bench, settings) = old_phone(&phone);
    assert!(bench.enrolment.devices()[0].plain_http);
    bench.look();
    allow(&mut bench, &phone, false);
    assert!(bench.look().contains(&Effect::CredentialsChanged));
    assert_eq!(bench.enrolment.credentials(), []);
    assert_eq!(bench.read_settings(&phone, settings.server()), None);
    assert!(!bench.enrolment.devices()[0].plain_http);
}

#[test]
fn a_phone_that_speaks_tls_is_not_served_without_it() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    let settings = bench.enrol(&phone, "201");
    let clear = settings.server().replace("https://192.168.1.2:8443", "http://192.168.1.2:8080");
    assert_eq!(bench.read_settings(&phone, &clear), None);
    allow(&mut bench, &phone, true);
    assert_eq!(bench.read_settings(&phone, &clear), None, "its token was made for TLS");
    assert!(bench.enrolment.allow_plain_http(Mac::from_octets([9; 6]), true).is_err());
}

#[test]
fn a_phone_that_asks_by_its_name_for_what_is_gone_gets_a_card_with_the_reason() {
    let phone = TestPhone::yealink("T46S", 20);
    let gone = "0".repeat(32);
    for url in [format!("https://x/p/{gone}/805EC0000014.cfg"), format!("http://x/b/{gone}/805ec0000014.boot")] {
        let mut bench = Bench::new();
        assert_eq!(bench.get(&phone, &url).status, 404);
        assert_eq!(bench.state(&phone), ("New".into(), Some("token-unknown".into())), "{url}");
    }
    let mac = Mac::from_octets([0x00, 0x0b, 0x82, 1, 2, 3]);
    let foreign = TestPhone { mac, neighbour: Neighbour::Is(mac), ..phone.clone() };
    let mut bench = Bench::new();
    assert_eq!(bench.get(&foreign, "http://x/cfg000B82010203.xml").status, 404);
    assert_eq!(bench.state(&foreign).1.as_deref(), Some("maker-unknown"));
    for neighbour in [Neighbour::Is(mac), Neighbour::Routed, Neighbour::NoEntry] {
        let mut bench = Bench::new();
        let liar = TestPhone { neighbour, ..phone.clone() };
        bench.get(&liar, &format!("https://x/p/{gone}/805ec0000014.cfg"));
        assert_eq!(bench.enrolment.devices(), [], "a name alone is anybody's: {neighbour:?}");
    }
}

#[test]
fn a_declared_phone_behind_a_router_still_waits_for_a_word() {
    let mut bench = Bench::new();
    let phone = TestPhone { neighbour: Neighbour::Routed, ..TestPhone::yealink("T46S", 20) };
    bench.declare(&phone, "T46S", "201");
    bench.open_window();
    let bootstrap = bench.read_settings(&phone, "http://192.168.1.2:8080/").unwrap();
    assert_eq!(bench.read_settings(&phone, bootstrap.server()).unwrap().password(), None);
    assert_eq!(bench.state(&phone), ("New".into(), Some("waiting-for-adoption".into())));
}

#[test]
fn a_phone_that_nobody_can_tell_keeps_working_at_its_new_address_and_asks_for_a_word() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone { neighbour: Neighbour::Routed, ..TestPhone::yealink("T46S", 20) };
    let bootstrap = bench.read_settings(&phone, "http://192.168.1.2:8080/").unwrap();
    let waiting = bench.read_settings(&phone, bootstrap.server()).unwrap();
    bench.adopt(phone.mac, "201");
    let settings = bench.read_settings(&phone, waiting.server()).unwrap();
    bench.look();
    let address: IpAddr = "192.168.9.9".parse().unwrap();
    let moved = TestPhone { address, ..phone.clone() };
    assert_eq!(bench.read_settings(&moved, settings.server()), None, "it could be anybody");
    assert_eq!(bench.state(&phone), ("Ready".into(), Some("moved".into())));
    let alarmed =
        bench.look().into_iter().any(|effect| matches!(effect, Effect::Alarm(alarm) if alarm.kind == AlarmKind::Moved));
    assert!(alarmed);
    assert_eq!(bench.enrolment.credentials().len(), 1, "its calls go on");
    bench.adopt(phone.mac, "201");
    assert_eq!(bench.read_settings(&moved, settings.server()), Some(settings.clone()));
    assert_eq!(bench.read_settings(&phone, settings.server()), None, "the word was for one move");
}

#[test]
fn a_neighbour_table_that_forgot_a_phone_locks_nobody_out() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T46S", 20);
    let settings = bench.enrol(&phone, "201");
    let address: IpAddr = "192.168.1.99".parse().unwrap();
    let moved = TestPhone { address, neighbour: Neighbour::NoEntry, ..phone.clone() };
    assert_eq!(bench.read_settings(&moved, settings.server()), None);
    assert_eq!(bench.state(&phone), ("Ready".into(), Some("neighbour-unknown".into())));
    let seen = TestPhone { neighbour: Neighbour::Is(phone.mac), ..moved };
    assert_eq!(bench.read_settings(&seen, settings.server()), Some(settings), "it is known again a moment later");
    assert_eq!(bench.state(&phone), ("Ready".into(), None));
}

//! Phones that register and speak without encryption: because somebody said so of one of them, or because the TLS of their model did
//! not prove itself.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

mod kit;

use std::sync::Arc;

use centrale_provisioning::Catalogue;
use kit::{Bench, Settings, TestPhone};

const YEALINK: &str = r#"
[files]
boot = "yealink/desk/boot.cfg.jinja"
bootstrap = "yealink/desk/bootstrap.cfg.jinja"
waiting = "yealink/desk/waiting.cfg.jinja"
phone = "yealink/desk/phone.cfg.jinja"

[[model]]
name = "T99X"
accounts = 2
line_keys = 4
physical_line_keys = 4
display = "a new one"
codecs = ["pcma"]
certificate = "unique"
tls = false
srtp = true
"#;

const SNOM: &str = r#"
[files]
bootstrap = "snom/d7xx/bootstrap.xml.jinja"
waiting = "snom/d7xx/waiting.xml.jinja"
phone = "snom/d7xx/phone.xml.jinja"

[[model]]
name = "D999"
accounts = 2
line_keys = 4
physical_line_keys = 4
display = "a new one"
codecs = ["pcma"]
certificate = "unique"
tls = false
srtp = true
"#;

/// How a phone is told to register, where, and whether to encrypt what is said: of each setting that its maker has for it.
fn ways(settings: &Settings) -> Vec<(&'static str, String)> {
    let keys = [
        "account.1.sip_server.1.transport_type",
        "account.1.transport",
        "account.1.sip_server.1.port",
        "account.1.sip_server_port",
        "account.1.srtp_encryption",
        "user_outbound#1",
        "user_srtp#1",
        "user_savp#1",
    ];
    keys.into_iter().filter_map(|key| Some((key, settings.value(key)?.to_owned()))).collect()
}

fn clear(settings: &Settings) {
    let expected = |key: &str| match key {
        "account.1.sip_server.1.port" | "account.1.sip_server_port" => "5060",
        "user_outbound#1" => "192.168.1.2:5060;transport=udp",
        "user_srtp#1" | "user_savp#1" => "off",
        _ => "0",
    };
    let ways = ways(settings);
    assert!(ways.len() >= 3, "{ways:?}");
    ways.iter().for_each(|(key, value)| assert_eq!(value, expected(key), "{key}"));
}

#[test]
fn a_phone_of_which_somebody_said_so_registers_over_udp_without_srtp_and_reads_its_settings_over_tls_as_before() {
    for phone in [TestPhone::yealink("T54W", 20), TestPhone::snom("D785", 20), TestPhone::yealink("W60B", 20)] {
        let mut bench = Bench::new();
        bench.open_window();
        let before = bench.enrol(&phone, "201");
        assert!(ways(&before).iter().any(|(_, value)| value.contains("tls") || value == "2"), "{}", phone.model);
        let change = bench.enrolment.set_unencrypted(phone.mac, true).unwrap();
        bench.office = bench.office.apply(change).unwrap();
        bench.settle();
        assert!(before.server().starts_with("https://"), "{}", before.server());
        clear(&bench.read_settings(&phone, before.server()).unwrap());
        let change = bench.enrolment.set_unencrypted(phone.mac, false).unwrap();
        bench.office = bench.office.apply(change).unwrap();
        bench.settle();
        assert_eq!(ways(&bench.read_settings(&phone, before.server()).unwrap()), ways(&before), "and back");
    }
}

#[test]
fn a_phone_of_a_model_whose_tls_did_not_prove_itself_registers_over_udp_without_srtp() {
    let files = [("yealink/t9x/manifest.toml", YEALINK), ("snom/d9xx/manifest.toml", SNOM)];
    let files = files.map(|(path, text)| (path.to_owned(), text.to_owned())).to_vec();
    let catalogue = Arc::new(Catalogue::with_overlay(files).unwrap());
    for phone in [TestPhone::yealink("T99X", 20), TestPhone::snom("D999", 20)] {
        let mut bench = Bench::with_catalogue(Arc::clone(&catalogue));
        bench.open_window();
        clear(&bench.enrol(&phone, "201"));
    }
}

#[test]
fn a_phone_that_read_its_settings_and_never_registered_is_told_from_one_that_did() {
    let mut bench = Bench::new();
    bench.open_window();
    let phone = TestPhone::yealink("T54W", 20);
    assert_eq!(bench.enrolment.handle_registered(phone.mac), [], "nobody knows it");
    let settings = bench.enrol(&phone, "201");
    let registered = |bench: &Bench| bench.enrolment.devices()[0].registered;
    assert!(!registered(&bench));
    let effects = bench.enrolment.handle_registered(phone.mac);
    assert!(!effects.is_empty() && registered(&bench), "it is kept and shown");
    assert_eq!(bench.enrolment.handle_registered(phone.mac), [], "once");
    let url = format!("{}{}.cfg", settings.server(), phone.mac);
    assert_eq!(bench.get(&phone, &url).status, 200);
    assert!(registered(&bench));
}

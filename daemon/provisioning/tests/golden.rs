//! Every model's file, as its phone reads it at the end of its way, equals the one that was looked over by people, and
//! keeps the rules that hold for every phone.
//!
//! After a wanted change: `CENTRALE_WRITE_GOLDEN=1 cargo test -p centrale-provisioning`, then read the difference before
//! it is committed.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test reads and writes files, and fails by panic")]

mod kit;

use std::collections::BTreeSet;
use std::fs;

use centrale_config::{Country, Handset, Language, Person, PhoneUsers};
use centrale_provisioning::recognise::Dialect;
use kit::{
    Bench, Settings, TestPhone, compare, desk_phones, firmware, person, read_snom, read_yealink, templates, text,
};

/// The last file that a phone was given, as text.
fn file(bench: &mut Bench, phone: &TestPhone, settings: &Settings) -> String {
    let url = match phone.dialect {
        Dialect::Snom => settings.server().to_owned(),
        _ => format!("{}{}.cfg", settings.server(), phone.mac),
    };
    text(&bench.get(phone, &url))
}

fn ending(phone: &TestPhone) -> (&'static str, &'static str) {
    if phone.dialect == Dialect::Snom { ("snom", "xml") } else { ("yealink", "cfg") }
}

#[test]
fn every_model_gets_the_file_that_was_looked_over() {
    for (model, phone) in desk_phones(&Bench::new()) {
        // Each on a bench of its own, at the same address: a new model changes nobody else's file.
        let phone = match phone.dialect {
            Dialect::Snom => TestPhone::snom(&model, 20),
            _ => TestPhone::yealink(&model, 20),
        };
        let mut bench = Bench::new();
        bench.open_window();
        let settings = bench.enrol(&phone, "201");
        let (vendor, ending) = ending(&phone);
        let written = file(&mut bench, &phone, &settings);
        compare(vendor, &format!("{model}.{ending}"), &written);
    }
}

/// What makes a file differ from that of the same model in a small Dutch office.
struct Variant {
    name: &'static str,
    phone: TestPhone,
    office: fn(&mut Bench),
}

/// A Belgian office that speaks French.
fn belgian(bench: &mut Bench) {
    bench.office.identity.country = Country::Belgium;
    bench.office.identity.time_zone = "Europe/Brussels".into();
    bench.office.identity.language = Language::French;
}

/// Eighty people, of whom 201 shares the shop with 202 and 270.
fn crowded(bench: &mut Bench) {
    bench.office.people = (201..281).map(|number| person(&number.to_string(), &format!("Collega {number}"))).collect();
    bench.office.ring_groups[0].number = "650".parse().unwrap();
    bench.office.ring_groups[0].members = ["201", "202", "270"].map(|number| number.parse().unwrap()).into();
}

fn with_modules(bench: &mut Bench) {
    crowded(bench);
    bench.office.phones[0].modules = 2;
}

fn with_eight_handsets(bench: &mut Bench) {
    bench.office.people = (201..211).map(|number| person(&number.to_string(), &format!("Collega {number}"))).collect();
    let models = ["W53H", "W56H", "W59R", "CP930W", "CP935W", "", "W53H", "W56H"];
    let handsets = (1..).zip(bench.office.people.iter().zip(models));
    let handset = |(place, (person, model)): (u8, (&Person, &str))| Handset {
        place,
        person: person.number.clone(),
        model: model.into(),
    };
    bench.office.phones[0].users = PhoneUsers::Handsets(handsets.map(handset).collect());
}

/// A base that two of three people have left: one in the middle, and the one who was first.
fn with_a_handset_alone(bench: &mut Bench) {
    let handset = Handset { place: 3, person: "202".parse().unwrap(), model: "W56H".into() };
    bench.office.phones[0].users = PhoneUsers::Handsets(vec![handset]);
}

fn with_vlan(bench: &mut Bench) {
    bench.office.phone_vlan = Some(20);
}

fn with_logo(bench: &mut Bench) {
    bench.set_logo(Some(kit::PIXEL.into()));
}

fn with_firmware(bench: &mut Bench) {
    let model = bench.office.phones[0].model.clone();
    bench.office.firmware.push(firmware(&model, "rom"));
}

fn variants() -> Vec<Variant> {
    let variant = |name, phone, office| Variant { name, phone, office };
    vec![
        variant("T46S-belgian", TestPhone::yealink("T46S", 20), belgian),
        variant("T46S-vlan", TestPhone::yealink("T46S", 20), with_vlan),
        variant("T46S-firmware", TestPhone::yealink("T46S", 20), with_firmware),
        variant("D785-firmware", TestPhone::snom("D785", 20), with_firmware),
        variant("T40P-crowded", TestPhone::yealink("T40P", 20), crowded),
        variant("T46S-modules", TestPhone::yealink("T46S", 20), with_modules),
        variant("W60B-handsets", TestPhone::yealink("W60B", 20), with_eight_handsets),
        variant("W60B-alone", TestPhone::yealink("W60B", 20), with_a_handset_alone),
        variant("W60B-belgian", TestPhone::yealink("W60B", 20), belgian),
        variant("D785-belgian", TestPhone::snom("D785", 20), belgian),
        variant("D785-vlan", TestPhone::snom("D785", 20), with_vlan),
        variant("T54W-logo", TestPhone::yealink("T54W", 20), with_logo),
        variant("D785-logo", TestPhone::snom("D785", 20), with_logo),
        variant("D713-crowded", TestPhone::snom("D713", 20), crowded),
        variant("D785-modules", TestPhone::snom("D785", 20), with_modules),
    ]
}

#[test]
fn every_variant_is_the_one_that_was_looked_over() {
    for Variant { name, phone, office } in variants() {
        let mut bench = Bench::new();
        bench.open_window();
        let settings = bench.enrol(&phone, "201");
        office(&mut bench);
        bench.settle();
        let written = file(&mut bench, &phone, &settings);
        let (vendor, ending) = ending(&phone);
        compare(vendor, &format!("{name}.{ending}"), &written);
        let read = if phone.dialect == Dialect::Snom { read_snom(&written) } else { read_yealink(&written) };
        check_known(name, phone.dialect, &read);
    }
}

#[test]
fn the_files_on_the_way_are_the_ones_that_were_looked_over() {
    for phone in [TestPhone::yealink("T46S", 20), TestPhone::snom("D785", 21)] {
        let mut bench = Bench::new();
        bench.open_window();
        let (vendor, ending) = ending(&phone);
        let offered = bench.pnp(&phone).unwrap();
        let (first, boot) = match phone.dialect {
            Dialect::Snom => (offered, None),
            _ => (format!("{offered}{}.cfg", phone.mac), Some(format!("{offered}{}.boot", phone.mac))),
        };
        if let Some(boot) = boot {
            let written = text(&bench.get(&phone, &boot));
            compare(vendor, "boot.cfg", &written);
        }
        let bootstrap = text(&bench.get(&phone, &first));
        compare(vendor, &format!("bootstrap.{ending}"), &bootstrap);
        let read = if phone.dialect == Dialect::Snom { read_snom(&bootstrap) } else { read_yealink(&bootstrap) };
        let waiting = file(&mut bench, &phone, &read);
        compare(vendor, &format!("waiting.{ending}"), &waiting);
    }
}

/// The rules of every Yealink file with an account.
fn check_yealink(model: &str, accounts: u16, emergency: &[&str], settings: &Settings) {
    for number in 2..=accounts {
        assert_eq!(settings.value(&format!("account.{number}.enable")), Some("0"), "{model}: account {number} is off");
    }
    assert_eq!(settings.value(&format!("account.{}.enable", accounts + 1)), None, "{model} has no such account");
    let listed: Vec<&str> = settings.value("phone_setting.emergency.number").unwrap().split(',').collect();
    assert_eq!(listed, emergency, "{model}: callable from a locked phone");
    for (place, number) in emergency.iter().enumerate() {
        let rule = settings.value(&format!("dialplan.dialnow.rule.{}", place + 1));
        assert_eq!(rule, Some(*number), "{model}: dialled at once");
    }
    let fixed = [
        ("phone_setting.dialnow_delay", "0"),
        ("dialplan.digitmap.enable", "0"),
        ("dialplan.emergency.enable", "0"),
        ("static.auto_provision.pnp_enable", "0"),
        ("static.auto_provision.dhcp_option.enable", "0"),
        ("static.zero_touch.enable", "0"),
        ("static.managementserver.enable", "0"),
        ("sip.notify_reboot_enable", "0"),
        ("static.wui.http_enable", "0"),
        ("static.security.trust_certificates", "1"),
        ("static.security.ca_cert", "1"),
        ("sip.trust_ctrl", "1"),
        ("features.usb_call_recording.enable", "0"),
        ("features.auto_recording.enable", "0"),
        ("account.1.call_recording.enable", "0"),
        // A base's 1 is called forced by one source and negotiated by another; neither is off.
        ("account.1.srtp_encryption", if model == "W60B" { "1" } else { "2" }),
        ("account.1.sip_server.1.transport_type", "2"),
    ];
    for (key, value) in fixed {
        assert_eq!(settings.value(key), Some(value), "{model}: {key}");
    }
    assert!(settings.value("local_time.ntp_server1").is_some_and(|server| !server.is_empty()), "{model}");
    let logins = settings.values("static.security.user_password");
    let names: Vec<&str> = logins.iter().filter_map(|login| Some(login.split_once(':')?.0)).collect();
    assert_eq!(names, ["admin", "user", "var"], "{model}: no login keeps its factory password");
}

/// The rules of every Snom file with an account.
fn check_snom(model: &str, accounts: u16, emergency: &[&str], settings: &Settings) {
    assert_eq!(settings.value("user_active#1"), Some("on"), "{model}");
    for number in 2..=accounts {
        assert_eq!(settings.value(&format!("user_active#{number}")), Some("off"), "{model}: identity {number} is off");
    }
    let listed: Vec<&str> = settings.value("keyboard_lock_emergency").unwrap().split(' ').collect();
    assert_eq!(listed, emergency, "{model}: callable from a locked phone");
    let plan = format!(r"!^({})$!sip:\1@\d!d", emergency.join("|"));
    assert_eq!(settings.value("user_dp_str#1"), Some(plan.as_str()), "{model}: dialled at once");
    let fixed = [
        ("pnp_config", "off"),
        ("subscribe_config", "off"),
        ("tr69_acs_url", ""),
        ("provisioning_order", "dhcp:stop"),
        ("webserver_type", "https"),
        ("auto_reboot_on_setting_change", "off"),
        ("user_savp#1", "mandatory"),
        ("filter_registrar", "on"),
        ("dkey_record", "keyevent F_NONE"),
    ];
    for (key, value) in fixed {
        assert_eq!(settings.value(key), Some(value), "{model}: {key}");
    }
    assert!(settings.value("ntp_server").is_some_and(|server| !server.is_empty()), "{model}");
    for key in ["http_pass", "admin_mode_password", "webserver_admin_password"] {
        assert_eq!(settings.value(key).map(str::len), Some(24), "{model}: {key} is ours");
    }
    let first = settings.0.first().map(|(key, _)| key.as_str());
    assert_eq!(first, Some("auto_reboot_on_setting_change"), "{model}: it works at the top only");
}

#[test]
fn a_108_every_phone_keeps_the_rules_in_both_countries() {
    for (country, zone, emergency) in [
        (Country::Netherlands, "Europe/Amsterdam", vec!["112"]),
        (Country::Belgium, "Europe/Brussels", vec!["112", "100", "101"]),
    ] {
        let mut bench = Bench::new();
        bench.office.identity.country = country;
        bench.office.identity.time_zone = zone.into();
        bench.settle();
        bench.open_window();
        let mut passwords = BTreeSet::new();
        for (model, phone) in desk_phones(&bench) {
            let accounts = bench.catalogue.model_named(&model).unwrap().accounts;
            let settings = bench.enrol(&phone, "202");
            let (zone, web) = match phone.dialect {
                Dialect::Snom => {
                    check_snom(&model, accounts, &emergency, &settings);
                    ("timezone", settings.value("webserver_admin_password").unwrap().to_owned())
                }
                _ => {
                    check_yealink(&model, accounts, &emergency, &settings);
                    ("local_time.time_zone_name", settings.values("static.security.user_password")[0].to_owned())
                }
            };
            let expected = match (country, phone.dialect) {
                (Country::Netherlands, Dialect::Snom) => "NLD+1",
                (Country::Belgium, Dialect::Snom) => "BEL+1",
                (Country::Netherlands, _) => "Netherlands(Amsterdam)",
                (Country::Belgium, _) => "Belgium(Brussels)",
            };
            assert_eq!(settings.value(zone), Some(expected), "{model}");
            assert!(passwords.insert(web), "{model}: another phone has the same web password");
            assert!(passwords.insert(settings.password().unwrap().to_owned()), "{model}: or the same SIP password");
        }
        assert_eq!(passwords.len(), 2 * desk_phones(&bench).len());
    }
}

#[test]
fn every_language_of_an_office_has_a_word_on_every_desk_phone() {
    for (language, yealink, snom) in [
        (Language::Dutch, "Dutch", "Nederlands"),
        (Language::French, "French", "Français"),
        (Language::English, "English", "English"),
        (Language::German, "German", "Deutsch"),
    ] {
        let mut bench = Bench::new();
        bench.office.identity.language = language;
        bench.settle();
        bench.open_window();
        let phone = TestPhone::yealink("T54W", 20);
        assert_eq!(bench.enrol(&phone, "201").value("lang.gui"), Some(yealink));
        let phone = TestPhone::snom("D735", 21);
        assert_eq!(bench.enrol(&phone, "201").value("language"), Some(snom));
    }
}

/// A setting that no phone knows is a typing error.
fn check_known(model: &str, dialect: Dialect, settings: &Settings) {
    let list = if dialect == Dialect::Snom { "snom/known-tags.txt" } else { "yealink/known-keys.txt" };
    let text = fs::read_to_string(templates().join(list)).unwrap();
    let known: BTreeSet<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    for (key, _) in &settings.0 {
        let name = match dialect {
            Dialect::Snom => key.split('#').next().unwrap().to_owned(),
            _ => without_indices(key),
        };
        assert!(known.contains(name.as_str()), "{model}: {key}");
    }
}

#[test]
fn no_file_holds_a_setting_that_no_phone_knows() {
    let mut bench = Bench::new();
    bench.open_window();
    for (model, phone) in desk_phones(&bench) {
        let waiting = bench.boot(&phone).unwrap();
        check_known(&model, phone.dialect, &waiting);
        bench.adopt(phone.mac, "201");
        check_known(&model, phone.dialect, &bench.read_settings(&phone, waiting.server()).unwrap());
    }
}

/// A Yealink key with `X` for each index, as the list of known keys has it.
fn without_indices(key: &str) -> String {
    let part = |part: &str| match part {
        number if number.bytes().all(|byte| byte.is_ascii_digit()) => "X".to_owned(),
        word => word.to_owned(),
    };
    key.split('.').map(part).collect::<Vec<_>>().join(".")
}

#[test]
fn every_promised_model_is_here_and_its_entry_is_whole() {
    const YEALINK: &str = "T19P_E2 T40P T40G T41P T41S T41U T42G T42S T42U T43U T44U T44W T46G T46S T46U T48G T48S T48U \
                           T53 T53W T54W T57W T58A T58V T58W W60B";
    const SNOM: &str = "D710 D712 D713 D715 D717 D725 D735 D745 D765 D785";
    let bench = Bench::new();
    for (vendor, names) in [("yealink", YEALINK), ("snom", SNOM)] {
        for name in names.split_whitespace() {
            assert!(bench.catalogue.model(vendor, name).is_some(), "{vendor} {name}");
        }
    }
    for model in bench.catalogue.models() {
        let name = &model.name;
        assert_eq!(model.modules > 0, model.module_keys > 0, "{name}: modules have keys");
        assert_eq!(model.modules > 0, model.expansion.is_some(), "{name}: modules have a name");
        assert_eq!(model.line_keys > 0, model.pages > 0, "{name}: keys are on pages");
        assert!(model.physical_line_keys <= model.line_keys, "{name}");
        assert!(["g722", "pcma"].iter().all(|codec| model.codecs.iter().any(|known| known == codec)), "{name}");
        for handset in &model.handsets {
            assert!(bench.catalogue.model_named(handset).is_none(), "{handset} has no file of its own");
        }
    }
}

//! Whatever people are called, a file has the same settings in the same order as for anybody else.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

mod kit;

use centrale_config::{Handset, PhoneUsers};
use centrale_provisioning::recognise::Dialect;
use kit::{Bench, Settings, TestPhone, person};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// The file of a phone with a module, or of a base with two handsets, in an office where everything is called `name`.
fn file(phone: &TestPhone, name: &str) -> Settings {
    let mut bench = Bench::new();
    bench.office.people[0] = person("201", name);
    bench.office.people[1] = person("202", name);
    bench.office.ring_groups[0].name = name.to_owned();
    bench.office.identity.name = name.to_owned();
    // More colleagues than keys, so that the modules have some.
    bench.office.people.extend((301..330).map(|number| person(&number.to_string(), name)));
    bench.settle();
    bench.open_window();
    let first = bench.enrol(phone, "201");
    match &mut bench.office.phones[0].users {
        PhoneUsers::Person(_) => bench.office.phones[0].modules = 1,
        PhoneUsers::Handsets(handsets) => {
            handsets.push(Handset { place: 2, person: "202".parse().unwrap(), model: name.to_owned() });
        }
    }
    bench.settle();
    bench.read_settings(phone, first.server()).unwrap()
}

fn keys(settings: &Settings) -> Vec<&str> {
    settings.0.iter().map(|(key, _)| key.as_str()).collect()
}

/// Names that people would not have, with what means something to a phone in them more often than chance would put it.
fn names() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        "\\PC{0,12}",
        Just("\r\n".to_owned()),
        Just("\naccount.1.password = known".to_owned()),
        Just("%NULL%".to_owned()),
        Just("\"/><user_pass>known</user_pass>".to_owned()),
        Just("]]>&#10;".to_owned()),
        Just("{{ account.password }}".to_owned()),
        Just("\u{2028}\u{85}\u{feff}\u{202e}".to_owned()),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, rng_seed: RngSeed::Fixed(224), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_name_adds_changes_or_removes_a_setting(name in names()) {
        let own = ["display_name", "label", "user_realname", "user_idle_text", "fkey", "handset."];
        let phones = [TestPhone::yealink("T46S", 20), TestPhone::snom("D785", 21), TestPhone::yealink("W60B", 22)];
        for phone in phones {
            let (plain, strange) = (file(&phone, "Anna"), file(&phone, &name));
            prop_assert_eq!(keys(&plain), keys(&strange));
            for ((key, was), (_, is)) in plain.0.iter().zip(&strange.0) {
                let holds_the_name = own.iter().any(|part| key.contains(part));
                prop_assert!(holds_the_name || was == is, "{} is {:?}", key, is);
                // In XML these six characters mean nothing.
                let resets = phone.dialect == Dialect::Yealink && is.to_lowercase().contains("%null%");
                prop_assert!(!resets || was == is, "{} is {:?}", key, is);
            }
        }
    }
}

#[test]
fn an_ordinary_name_arrives_as_it_was_written() {
    for name in ["Anna Jansen", "O'Brien & Zn.", "Çem Öztürk", "Zoë 50%", "张伟"] {
        let yealink = file(&TestPhone::yealink("T46S", 20), name);
        assert_eq!(yealink.value("account.1.display_name"), Some(name));
        let snom = file(&TestPhone::snom("D785", 21), name);
        assert_eq!(snom.value("user_realname#1"), Some(name));
    }
}

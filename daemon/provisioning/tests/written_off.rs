//! What the office takes back, its phones take back: a setting that is left out of a file keeps its last value, so every
//! setting that is ever written is written in every file.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

mod kit;

use centrale_config::{Country, Handset, Language, Phone, PhoneUsers};
use kit::{Bench, Settings, TestPhone, desk_phones, firmware, person};

/// The language of a base's handsets: the number of Dutch is not known, so in a Dutch office it is set on each by hand,
/// and going back to the factory's would undo that.
const LEFT_ALONE: &str = "custom.handset.language";

/// The office with everything that shows on this phone.
fn with_everything(bench: &mut Bench, modules: u8) {
    bench.office.identity.country = Country::Belgium;
    bench.office.identity.language = Language::French;
    bench.office.phone_vlan = Some(20);
    bench.office.people = (201..401).map(|number| person(&number.to_string(), &format!("Collega {number}"))).collect();
    bench.office.ring_groups[0].number = "650".parse().unwrap();
    let model = bench.office.phones[0].model.clone();
    bench.office.firmware.push(firmware(&model, "rom"));
    bench.set_logo(Some(kit::picture(4, 4)));
    let phone = &mut bench.office.phones[0];
    phone.modules = modules;
    if let PhoneUsers::Handsets(handsets) = &mut phone.users {
        let people = (1..=8).zip(&bench.office.people);
        let handset = |(place, person): (u8, &centrale_config::Person)| Handset {
            place,
            person: person.number.clone(),
            model: String::new(),
        };
        *handsets = people.map(handset).collect();
    }
}

/// The same office after all of it was taken back.
fn with_nothing(bench: &mut Bench) {
    bench.office.identity.country = Country::Netherlands;
    bench.office.identity.language = Language::Dutch;
    bench.office.phone_vlan = None;
    bench.office.people.truncate(1);
    bench.office.ring_groups.clear();
    bench.office.firmware.clear();
    bench.set_logo(None);
    let phone: &mut Phone = &mut bench.office.phones[0];
    phone.modules = 0;
    if let PhoneUsers::Handsets(handsets) = &mut phone.users {
        // Whoever stays is not at the first place.
        handsets.retain(|handset| handset.place == 4);
        handsets[0].person = bench.office.people[0].number.clone();
    }
}

fn read(bench: &mut Bench, phone: &TestPhone, server: &str) -> Settings {
    bench.settle();
    bench.read_settings(phone, server).unwrap()
}

/// Whether a setting says nothing because the thing that it belongs to is switched off as a whole.
fn is_off(settings: &Settings, key: &str) -> bool {
    let places = key.match_indices('.').map(|(place, _)| &key[..place]);
    places.into_iter().any(|thing| {
        settings.value(&format!("{thing}.type")) == Some("0") || settings.value(&format!("{thing}.enable")) == Some("0")
    })
}

#[test]
fn what_an_office_takes_back_is_written_off_on_every_model() {
    for (model, phone) in desk_phones(&Bench::new()) {
        let mut bench = Bench::new();
        bench.open_window();
        let server = bench.enrol(&phone, "201").server().to_owned();
        let modules = bench.catalogue.model_named(&model).unwrap().modules;
        with_everything(&mut bench, modules);
        let on = read(&mut bench, &phone, &server);
        with_nothing(&mut bench);
        let off = read(&mut bench, &phone, &server);
        assert_ne!(on, off, "{model}");
        let set = on.0.iter().filter(|(key, value)| !matches!(value.as_str(), "" | "%NULL%") && key != LEFT_ALONE);
        let stays = set.filter(|(key, _)| off.value(key).is_none() && !is_off(&off, key));
        assert_eq!(stays.collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "{model} keeps these");
    }
}

#[test]
fn a_vlan_that_is_taken_out_of_the_office_is_off_on_its_phones() {
    for (phone, keys, off) in [
        (
            TestPhone::yealink("T46S", 20),
            ["static.network.vlan.internet_port_enable", "static.network.vlan.internet_port_vid"],
            ["0", "%NULL%"],
        ),
        (
            TestPhone::yealink("W60B", 20),
            ["network.vlan.internet_port_enable", "static.network.vlan.internet_port_vid"],
            ["0", "%NULL%"],
        ),
        (TestPhone::snom("D785", 20), ["vlan_id", "vlan_qos"], ["", ""]),
    ] {
        let mut bench = Bench::new();
        bench.open_window();
        let server = bench.enrol(&phone, "201").server().to_owned();
        bench.office.phone_vlan = Some(20);
        let with = read(&mut bench, &phone, &server);
        assert!(keys.iter().all(|key| !off.contains(&with.value(key).unwrap())), "{}", phone.model);
        bench.office.phone_vlan = None;
        let without = read(&mut bench, &phone, &server);
        assert_eq!(keys.map(|key| without.value(key).unwrap()), off, "{}", phone.model);
    }
}

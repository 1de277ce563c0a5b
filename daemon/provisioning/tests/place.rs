//! What follows from where an office is and from its network: clock, language, tones, VLAN and marks on packets, on every
//! model in its maker's words. The values stand here as the makers' documents have them, not as our tables do.

#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

mod kit;

use centrale_config::{Country, Language};
use centrale_provisioning::recognise::Dialect;
use kit::{Bench, Settings, TestPhone, desk_phones};

/// The families that do things in their own way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Yealink,
    YealinkBase,
    Snom,
}

/// Every model, with its file in an office that is changed as wanted.
fn files(change: impl Fn(&mut Bench)) -> Vec<(String, Family, Settings)> {
    let file = |(model, phone): (String, TestPhone)| {
        let mut bench = Bench::new();
        bench.open_window();
        change(&mut bench);
        bench.settle();
        let family = match phone.dialect {
            Dialect::Snom => Family::Snom,
            _ if bench.catalogue.model_named(&model).unwrap().is_base() => Family::YealinkBase,
            _ => Family::Yealink,
        };
        let settings = bench.enrol(&phone, "201");
        (model, family, settings)
    };
    desk_phones(&Bench::new()).into_iter().map(file).collect()
}

fn check(model: &str, settings: &Settings, wanted: &[(&str, &str)]) {
    for (key, value) in wanted {
        assert_eq!(settings.value(key), Some(*value), "{model}: {key}");
    }
}

#[test]
fn clock_summer_time_and_tones_are_those_of_amsterdam_or_of_brussels() {
    for (country, zone, yealink, snom) in [
        (Country::Netherlands, "Europe/Amsterdam", ["Netherlands(Amsterdam)", "Netherlands"], ["NLD+1", "NLD"]),
        // Snom is not known to have a Belgian scheme; its zones have their summer time in them.
        (Country::Belgium, "Europe/Brussels", ["Belgium(Brussels)", "Belgium"], ["BEL+1", "FRA"]),
    ] {
        let there = |bench: &mut Bench| {
            bench.office.identity.country = country;
            bench.office.identity.time_zone = zone.into();
        };
        for (model, family, settings) in files(there) {
            match family {
                Family::Snom => check(
                    &model,
                    &settings,
                    &[
                        ("timezone", snom[0]),
                        ("tone_scheme", snom[1]),
                        ("time_24_format", "on"),
                        ("date_us_format", "off"),
                    ],
                ),
                Family::Yealink | Family::YealinkBase => check(
                    &model,
                    &settings,
                    &[
                        ("local_time.time_zone", "+1"),
                        ("local_time.time_zone_name", yealink[0]),
                        // By the zone's own rule; 0 is none, 1 is always.
                        ("local_time.summer_time", "2"),
                        // The router's time zone is anybody's.
                        ("local_time.dhcp_time", "0"),
                        ("local_time.time_format", "1"),
                        ("voice.tone.country", yealink[1]),
                    ],
                ),
            }
        }
    }
}

#[test]
fn every_model_speaks_the_offices_language_as_far_as_its_maker_has_it() {
    for (language, yealink, handset, page, snom) in [
        (Language::Dutch, "Dutch", None, "English", "Nederlands"),
        (Language::French, "French", Some("1"), "English", "Français"),
        (Language::English, "English", Some("0"), "English", "English"),
        (Language::German, "German", Some("2"), "German", "Deutsch"),
    ] {
        for (model, family, settings) in files(|bench| bench.office.identity.language = language) {
            match family {
                Family::Snom => check(&model, &settings, &[("language", snom), ("web_language", snom)]),
                // Which of the two an old firmware reads is not the same for all.
                Family::Yealink => check(&model, &settings, &[("lang.gui", yealink), ("static.lang.gui", yealink)]),
                Family::YealinkBase => {
                    // The number of Dutch is not known: such a handset stays what it is.
                    assert_eq!(settings.value("custom.handset.language"), handset, "{model}");
                    // Its own page has English, Chinese, German, Italian and Turkish.
                    check(&model, &settings, &[("lang.wui", page)]);
                }
            }
        }
    }
}

/// Both ways in which Yealink's firmware writes the names of its network.
const SPELLINGS: [&str; 2] = ["static.", ""];

#[test]
fn speech_goes_before_signalling_and_signalling_before_the_rest_on_every_model() {
    const SPEECH: u8 = 46;
    const SIGNALLING: u8 = 26;
    for (model, family, settings) in files(|_| {}) {
        let check = |key: &str, value: u8| check(&model, &settings, &[(key, value.to_string().as_str())]);
        match family {
            // The whole byte, of which the DSCP is the upper six bits (RFC 2474 3).
            Family::Snom => {
                check("codec_tos", SPEECH << 2);
                check("signaling_tos", SIGNALLING << 2);
            }
            Family::Yealink | Family::YealinkBase => {
                check("static.network.qos.audiotos", SPEECH);
                for spelling in SPELLINGS {
                    check(&format!("{spelling}network.qos.rtptos"), SPEECH);
                    check(&format!("{spelling}network.qos.signaltos"), SIGNALLING);
                }
            }
        }
    }
}

#[test]
fn the_vlan_for_phones_is_on_every_model_where_the_office_has_one_and_the_switch_may_always_name_another() {
    for (vlan, yealink, snom) in [
        (None, ["0", "%NULL%", "%NULL%"], ["", ""]),
        (Some(20), ["1", "20", "5"], ["20", "5"]),
        (Some(4094), ["1", "4094", "5"], ["4094", "5"]),
    ] {
        for (model, family, settings) in files(|bench| bench.office.phone_vlan = vlan) {
            match family {
                Family::Snom => {
                    check(&model, &settings, &[("vlan_id", snom[0]), ("vlan_qos", snom[1]), ("lldp_enable", "on")]);
                }
                Family::Yealink | Family::YealinkBase => {
                    for spelling in SPELLINGS {
                        let names = ["enable", "vid", "priority"];
                        for (name, value) in names.iter().zip(yealink) {
                            let key = format!("{spelling}network.vlan.internet_port_{name}");
                            check(&model, &settings, &[(&key, value)]);
                        }
                        check(&model, &settings, &[(&format!("{spelling}network.lldp.enable"), "1")]);
                    }
                }
            }
        }
    }
}

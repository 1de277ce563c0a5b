//! What a phone shows and plays in each country and language, and how it joins the network.

use std::time::Instant;

use centrale_config::{Country, Language, Office};
use centrale_sim::desk::Profile;
use centrale_sim::desk::lan::{Lan, Place};

use super::{office, place, seconds, set_up, set_up_base};

/// 2026-03-29 and 2026-10-25, 01:00 UTC: the hours at which summer time begins and ends.
const SPRING: u64 = 1_774_746_000;
const AUTUMN: u64 = 1_792_890_000;

fn with_phone(profile: Profile, changed: impl FnOnce(&mut Office)) -> (Lan, Place) {
    let mut office = office(3);
    changed(&mut office);
    let mut lan = Lan::new(Instant::now(), office, 1);
    let phone = place(&mut lan, profile, 1);
    if profile.is_base {
        set_up_base(&mut lan, phone, &["201"]);
    } else {
        set_up(&mut lan, phone, "201");
    }
    (lan, phone)
}

#[test]
fn every_desk_phone_speaks_the_language_of_the_office_and_english_where_it_has_no_dutch() {
    let languages =
        [(Language::Dutch, "nl"), (Language::French, "fr"), (Language::English, "en"), (Language::German, "de")];
    for (language, expected) in languages {
        for profile in Profile::DESK.into_iter().filter(|profile| !profile.is_base) {
            let (mut lan, phone) = with_phone(profile, |office| office.identity.language = language);
            assert_eq!(lan.phone(phone).language(), expected, "{}", profile.name);
            lan.phone(phone).without_dutch = true;
            let without = if expected == "nl" { "en" } else { expected };
            assert_eq!(lan.phone(phone).language(), without, "{}: as sold outside the Netherlands", profile.name);
        }
    }
}

#[test]
fn handsets_speak_the_language_of_the_office_but_for_dutch_which_is_left_as_somebody_set_it() {
    let languages = [(Language::Dutch, ""), (Language::French, "1"), (Language::English, "0"), (Language::German, "2")];
    for (language, expected) in languages {
        let (mut lan, base) = with_phone(Profile::W60B, |office| office.identity.language = language);
        lan.phone(base).subscribe_handset("W53H").expect("there is room");
        assert_eq!(lan.phone(base).handset_setting("language"), expected, "{language:?}");
    }
}

#[test]
fn a_change_of_the_offices_language_is_on_the_display_within_seconds() {
    for profile in [Profile::T54W, Profile::D785] {
        let (mut lan, phone) = with_phone(profile, |_| {});
        lan.office.identity.language = Language::French;
        lan.commit();
        seconds(&mut lan, 5);
        assert_eq!(lan.phone(phone).language(), "fr", "{}", profile.name);
        assert!(lan.display(phone).keys.contains(&"Parquer 1".to_owned()), "{:?}", lan.display(phone).keys);
    }
}

#[test]
fn tones_and_the_hour_of_summer_time_are_those_of_amsterdam_and_of_brussels() {
    for (country, tones) in [(Country::Netherlands, ["Netherlands", "NLD"]), (Country::Belgium, ["Belgium", "FRA"])] {
        for (profile, tones) in
            [(Profile::T54W, tones[0]), (Profile::W60B, tones[0]), (Profile::D785, tones[1]), (Profile::D710, tones[1])]
        {
            let (mut lan, phone) = with_phone(profile, |office| office.identity = of(country));
            let phone = lan.phone(phone);
            assert_eq!(phone.tones(), tones, "{}", profile.name);
            let clocks = [SPRING - 60, SPRING, AUTUMN - 60, AUTUMN].map(|unix| phone.clock_at(unix));
            assert_eq!(clocks, ["01:59", "03:00", "02:59", "02:00"], "{} {country:?}", profile.name);
        }
    }
}

fn of(country: Country) -> centrale_config::OfficeIdentity {
    let area_code = if country == Country::Belgium { "02" } else { "020" };
    centrale_config::OfficeIdentity { area_code: area_code.into(), ..centrale_config::OfficeIdentity::assumed(country) }
}

#[test]
fn a_phone_that_learnt_the_time_shows_that_of_the_wall() {
    for profile in [Profile::T54W, Profile::D785] {
        let (mut lan, phone) = with_phone(profile, |_| {});
        let (now, unix) = (lan.now(), lan.moment().unix_seconds);
        assert_eq!(lan.phone(phone).believed_time(now), unix);
        // The network is switched on at midnight UTC of a winter's day.
        let minutes = lan.elapsed().as_secs() / 60;
        assert_eq!(lan.phone(phone).clock_at(unix), format!("01:{minutes:02}"), "{}", profile.name);
    }
}

#[test]
fn voice_goes_before_data_and_phones_join_the_vlan_that_the_office_has_for_them() {
    for profile in [Profile::T54W, Profile::T19P_E2, Profile::W60B, Profile::D785, Profile::D710] {
        let (mut lan, phone) = with_phone(profile, |office| office.phone_vlan = Some(20));
        assert_eq!(lan.phone(phone).dscp(), Some((46, 26)), "{}: EF and AF31", profile.name);
        assert!(lan.phone(phone).hears_lldp(), "{}", profile.name);
        assert_eq!(lan.phone(phone).vlan(), Some(20), "{}", profile.name);
        lan.office.phone_vlan = None;
        lan.commit();
        seconds(&mut lan, if profile.is_base { 120 } else { 5 });
        assert_eq!(lan.phone(phone).vlan(), None, "{}: and leave it when there is none", profile.name);
        assert!(lan.is_ready(phone));
    }
}

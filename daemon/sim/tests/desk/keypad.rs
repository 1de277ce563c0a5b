//! Typing numbers: emergency numbers go out at once, and from a locked phone nothing else does.

use std::time::Instant;

use centrale_config::Country;
use centrale_sim::desk::Profile;
use centrale_sim::desk::lan::{Lan, Place};

use super::{boot, office, place, provider, seconds, set_up, set_up_base};

/// A phone of this model for 201, in an office of this country with a provider.
fn phone(profile: Profile, country: Country) -> (Lan, Place) {
    let mut office = office(3);
    office.identity.country = country;
    office.trunks.push(provider());
    let mut lan = Lan::new(Instant::now(), office, 1);
    let phone = place(&mut lan, profile, 1);
    set_up(&mut lan, phone, "201");
    (lan, phone)
}

/// What was dialled in calls that are over.
fn dialled(lan: &mut Lan, phone: Place) -> Vec<String> {
    lan.phone(phone).take_stories().into_iter().map(|story| story.dialled).collect()
}

/// What is called: the number, and whether the box takes it for a call for help.
fn called(lan: &Lan) -> Vec<(String, bool)> {
    lan.snapshot().calls.iter().map(|call| (call.to.clone(), call.emergency)).collect()
}

#[test]
fn a_locked_phone_calls_for_help_with_the_last_digit_and_nobody_else() {
    let belgian = ["112", "100", "101"].as_slice();
    for (country, help) in [(Country::Netherlands, ["112"].as_slice()), (Country::Belgium, belgian)] {
        for profile in [Profile::T54W, Profile::T19P_E2, Profile::D785, Profile::D710] {
            let (mut lan, phone) = phone(profile, country);
            lan.phone(phone).lock(true);
            for number in help {
                assert!(
                    lan.at(phone, |phone, now| phone.type_digits(now, number)),
                    "{} {number}: at once",
                    profile.name
                );
                seconds(&mut lan, 2);
                assert_eq!(called(&lan), [((*number).to_owned(), true)], "{}", profile.name);
                lan.hang_up(phone);
                seconds(&mut lan, 2);
            }
            assert_eq!(dialled(&mut lan, phone), help);
            for number in ["202", "0612345678", "911", "110", "*97", "701"] {
                lan.at(phone, |phone, now| phone.type_digits(now, number) || phone.send_typed(now));
                seconds(&mut lan, 6);
                assert_eq!(dialled(&mut lan, phone), [""; 0], "{} {number}", profile.name);
                assert!(!lan.phone(phone).is_in_call());
            }
            boot(&mut lan, phone);
            assert!(
                !lan.at(phone, |phone, now| phone.type_digits(now, "202") || phone.send_typed(now)),
                "still locked"
            );
        }
    }
}

#[test]
fn an_unlocked_phone_calls_for_help_with_the_last_digit_and_waits_with_other_numbers() {
    for profile in [Profile::T54W, Profile::D785] {
        let (mut lan, phone) = phone(profile, Country::Netherlands);
        assert!(lan.at(phone, |phone, now| phone.type_digits(now, "112")), "{}", profile.name);
        lan.hang_up(phone);
        seconds(&mut lan, 2);
        assert_eq!(dialled(&mut lan, phone), ["112"]);
        assert!(!lan.at(phone, |phone, now| phone.type_digits(now, "202")), "{}: it could get longer", profile.name);
        seconds(&mut lan, 1);
        assert_eq!(dialled(&mut lan, phone), [""; 0]);
        assert!(lan.at(phone, |phone, now| phone.send_typed(now)), "the green key");
        seconds(&mut lan, 1);
        assert_eq!(dialled(&mut lan, phone), ["202"]);
    }
}

/// A base whose handset 1, which is 201's, is locked. Whether handsets go by the base's list of emergency numbers, nobody
/// knows.
fn locked_handset(country: Country, own_list: bool) -> (Lan, Place) {
    let mut office = office(3);
    office.identity.country = country;
    office.trunks.push(provider());
    let mut lan = Lan::new(Instant::now(), office, 1);
    let base = place(&mut lan, Profile::W60B, 1);
    lan.phone(base).handsets_own_list = own_list;
    lan.phone(base).subscribe_handset("W53H").expect("there is room");
    set_up_base(&mut lan, base, &["201"]);
    lan.phone(base).lock_handset(1, true);
    (lan, base)
}

#[test]
fn a_locked_handset_calls_for_help_and_nobody_else_where_it_goes_by_the_numbers_of_its_base() {
    let belgian = ["112", "100", "101"].as_slice();
    for (country, help) in [(Country::Netherlands, ["112"].as_slice()), (Country::Belgium, belgian)] {
        let (mut lan, base) = locked_handset(country, false);
        for number in help {
            assert!(lan.call_at_handset(base, 1, number), "{number}");
            seconds(&mut lan, 2);
            assert_eq!(called(&lan), [((*number).to_owned(), true)]);
            lan.hang_up(base);
            seconds(&mut lan, 2);
        }
        for number in ["202", "0612345678", "911", "*97"] {
            assert!(!lan.call_at_handset(base, 1, number), "{number}");
        }
        lan.phone(base).lock_handset(1, false);
        assert!(lan.call_at_handset(base, 1, "202"));
    }
}

#[test]
fn a_locked_handset_that_goes_by_its_makers_numbers_alone_does_not_call_for_help_which_is_why_none_is_to_be_locked() {
    let (mut lan, base) = locked_handset(Country::Netherlands, true);
    assert!(!lan.call_at_handset(base, 1, "112"));
    lan.phone(base).lock_handset(1, false);
    assert!(lan.call_at_handset(base, 1, "112"));
}

#[test]
fn what_a_phone_is_set_to_is_what_lets_it_call_for_help() {
    for (profile, list, at_once) in [
        (Profile::T54W, "phone_setting.emergency.number", "dialplan.dialnow.rule.1"),
        (Profile::D785, "keyboard_lock_emergency", "user_dp_str#1"),
    ] {
        let (mut lan, phone) = phone(profile, Country::Netherlands);
        lan.phone(phone).lock(true);
        lan.phone(phone).change_by_hand(at_once, "");
        assert!(!lan.at(phone, |phone, now| phone.type_digits(now, "112")), "{}: it waits for more", profile.name);
        assert!(lan.at(phone, |phone, now| phone.send_typed(now)), "the green key");
        lan.hang_up(phone);
        lan.phone(phone).change_by_hand(list, "911");
        lan.at(phone, |phone, now| phone.type_digits(now, "112"));
        assert!(
            !lan.at(phone, |phone, now| phone.send_typed(now)),
            "{}: and from the factory it would not",
            profile.name
        );
    }
}

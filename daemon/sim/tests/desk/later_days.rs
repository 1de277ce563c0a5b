//! A phone in daily use: changes that reach it, restarts, and the day it is reset.

use std::time::{Duration, Instant};

use centrale_sim::desk::Profile;
use centrale_sim::desk::lan::{Lan, Place};

use super::{boot, files, office, office_lan, place, seconds, set_up};

/// One red pixel, as a PNG picture.
const PIXEL: &[u8] = b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\
    \x00\x01\x08\x02\x00\x00\x00\x90\x77\x53\xde\x00\x00\x00\x0c\x49\x44\x41\x54\x78\xda\x63\
    \x38\xc1\xc0\x00\x00\x02\x5c\x00\xc9\x7d\x35\xc1\xea\x00\x00\x00\x00\x49\x45\x4e\x44\xae\
    \x42\x60\x82";

fn renamed(lan: &mut Lan, name: &str) {
    lan.office.people[1].name = name.into();
    lan.commit();
}

/// The MAC addresses of the phones that are registered for a number.
fn registered(lan: &Lan, number: &str) -> Vec<String> {
    let person = lan.snapshot().people.into_iter().find(|person| person.number == number).unwrap();
    person.registrations.into_iter().map(|one| one.mac.unwrap_or_default()).collect()
}

#[test]
fn a_change_on_the_page_is_on_the_phone_within_seconds_and_does_not_restart_it() {
    for profile in [Profile::T54W, Profile::D785, Profile::D715] {
        let mut lan = office_lan();
        let phone = place(&mut lan, profile, 1);
        set_up(&mut lan, phone, "201");
        renamed(&mut lan, "Somebody Else");
        seconds(&mut lan, 5);
        assert!(lan.shown(phone).contains("Somebody Else"), "{}", lan.shown(phone));
        assert!(lan.is_ready(phone), "and it was there all the time");
    }
}

#[test]
fn the_same_file_again_changes_nothing_unless_the_administrator_insists() {
    let mut lan = office_lan();
    let phone = place(&mut lan, Profile::T54W, 1);
    set_up(&mut lan, phone, "201");
    lan.phone(phone).change_by_hand("linekey.2.label", "Mine");
    lan.commit();
    seconds(&mut lan, 5);
    assert!(lan.shown(phone).contains("Mine"), "update skipped");
    lan.resync(phone);
    seconds(&mut lan, 5);
    assert!(!lan.shown(phone).contains("Mine"), "{}", lan.shown(phone));
}

#[test]
fn what_a_phone_makes_of_being_told_depends_on_its_setting_which_is_why_we_set_it() {
    for (policy, reads_now, restarts) in [("0", true, false), ("1", false, true), ("2", false, false)] {
        let mut lan = office_lan();
        let phone = place(&mut lan, Profile::T54W, 1);
        set_up(&mut lan, phone, "201");
        assert_eq!(lan.phone(phone).setting("sip.notify_reboot_enable"), "0", "as we set it");
        lan.phone(phone).change_by_hand("sip.notify_reboot_enable", policy);
        let asked = lan.asked.len();
        lan.resync(phone);
        seconds(&mut lan, 5);
        assert_eq!((lan.asked.len() > asked, lan.phone(phone).lines() == 0), (reads_now, restarts), "{policy}");
        seconds(&mut lan, 60);
        assert!(lan.is_ready(phone), "it comes back: {}", lan.shown(phone));
    }
}

#[test]
fn a_phone_that_was_reset_needs_a_window_and_a_word_again_and_its_old_registration_is_gone() {
    let mut lan = office_lan();
    let phone = place(&mut lan, Profile::T54W, 1);
    set_up(&mut lan, phone, "201");
    let before = lan.phone(phone).accounts()[0].clone();
    seconds(&mut lan, 900);
    lan.phone(phone).factory_reset();
    boot(&mut lan, phone);
    assert_eq!((lan.shown(phone).as_str(), lan.told(phone).as_str()), ("No service", "Ready: asks-again"));

    set_up(&mut lan, phone, "201");
    let after = lan.phone(phone).accounts()[0].clone();
    assert_ne!(after.password, before.password);
    assert_eq!(registered(&lan, "201"), [lan.phone(phone).mac()]);
}

#[test]
fn a_phone_that_goes_to_somebody_else_shows_and_rings_for_them_only() {
    let mut lan = office_lan();
    let phone = place(&mut lan, Profile::D785, 1);
    set_up(&mut lan, phone, "201");
    lan.adopt(phone, "203");
    assert!(lan.run_until(Duration::from_secs(60), |lan| lan.shown(phone).starts_with("203 Person 203 [")));
    assert_eq!(registered(&lan, "201"), [""; 0]);
}

#[test]
fn a_phone_that_goes_to_somebody_else_during_a_call_ends_the_call_first_and_then_is_theirs() {
    for profile in [Profile::T54W, Profile::D785] {
        let mut lan = office_lan();
        let phone = place(&mut lan, profile, 1);
        let colleague = place(&mut lan, Profile::D785, 2);
        set_up(&mut lan, phone, "201");
        set_up(&mut lan, colleague, "202");
        lan.phone(colleague).answer_always();
        [phone, colleague].into_iter().for_each(|place| lan.phone(place).talk_until_told());
        lan.dial(phone, "202");
        seconds(&mut lan, 10);
        lan.adopt(phone, "203");
        seconds(&mut lan, 30);
        assert_eq!(lan.snapshot().calls.len(), 1, "they go on talking");
        assert!(lan.shown(phone).starts_with("201 "), "{}", lan.shown(phone));
        lan.hang_up(phone);
        assert!(lan.run_until(Duration::from_secs(5), |lan| lan.snapshot().calls.is_empty()));
        assert!(
            lan.run_until(Duration::from_secs(20), |lan| lan.is_ready(phone) && lan.shown(phone).starts_with("203 ")),
            "{}",
            lan.shown(phone)
        );
    }
}

#[test]
fn a_phone_that_is_taken_away_is_registered_no_more_at_once_and_cannot_register_again() {
    for profile in [Profile::T54W, Profile::D785] {
        let mut lan = office_lan();
        let phone = place(&mut lan, profile, 1);
        set_up(&mut lan, phone, "201");
        let mac = lan.phone(phone).mac().to_owned();
        assert_eq!(registered(&lan, "201"), [mac]);
        lan.remove(phone);
        assert_eq!(registered(&lan, "201"), [""; 0], "before anything else happens");
        seconds(&mut lan, 1200);
        assert_eq!(registered(&lan, "201"), [""; 0]);
        assert!(!lan.is_ready(phone), "{}", lan.shown(phone));
    }
}

#[test]
fn a_phone_that_takes_anothers_place_is_the_only_one_registered_and_has_its_own_keys() {
    for (old, new) in [(Profile::T54W, Profile::D785), (Profile::D715, Profile::T54W)] {
        let mut lan = Lan::new(Instant::now(), office(30), 1);
        let (before, after) = (place(&mut lan, old, 1), place(&mut lan, new, 2));
        set_up(&mut lan, before, "201");
        assert_eq!(lan.phone(before).display().keys.len(), usize::from(old.keys), "{}", old.name);
        boot(&mut lan, after);
        assert!(lan.run_until(Duration::from_secs(300), |lan| lan.told(after) == "New: waiting-for-adoption"));

        lan.replace(before, after);
        assert_eq!(registered(&lan, "201"), [""; 0], "the old one is dead before anything else happens");
        assert!(lan.run_until(Duration::from_secs(120), |lan| lan.is_ready(after)), "{}", lan.told(after));
        seconds(&mut lan, 1200);
        let mac = lan.phone(after).mac().to_owned();
        assert_eq!(registered(&lan, "201"), [mac], "{} for {}", new.name, old.name);
        assert!(!lan.is_ready(before), "{}", lan.shown(before));
        let keys = lan.phone(after).display().keys;
        assert_eq!(keys[..3], ["201 Person 201", "Person 202", "Person 203"], "{}", new.name);
        assert_eq!(keys.len(), usize::from(new.keys), "as many as a {} has", new.name);

        lan.office.people[1].name = "Bart".into();
        lan.commit();
        seconds(&mut lan, 5);
        assert!(lan.shown(after).contains("Bart"), "and changes reach it");
        assert!(!lan.shown(before).contains("Bart"), "and no longer the other");
    }
}

#[test]
fn a_logo_is_on_the_screen_within_seconds_in_its_size_and_off_again_as_soon() {
    for (profile, size) in [(Profile::T54W, " 480x272"), (Profile::D785, " 480x272"), (Profile::D735, " 320x240")] {
        let mut lan = office_lan();
        let phone = place(&mut lan, profile, 1);
        set_up(&mut lan, phone, "201");
        let picture = |lan: &mut Lan| lan.phone(phone).display().picture;
        assert_eq!(picture(&mut lan), None);
        lan.set_logo(Some(PIXEL));
        seconds(&mut lan, 5);
        let shown = picture(&mut lan).unwrap_or_default();
        assert!(shown.starts_with("logo-") && shown.ends_with(size), "{}: {shown}", profile.name);
        assert!(lan.is_ready(phone));
        lan.set_logo(None);
        seconds(&mut lan, 5);
        assert_eq!(picture(&mut lan), None, "{}", profile.name);
    }
}

#[test]
fn a_phone_whose_screen_takes_no_picture_is_not_told_of_the_logo() {
    for profile in [Profile::T41S, Profile::D715] {
        let mut lan = office_lan();
        lan.set_logo(Some(PIXEL));
        let phone = place(&mut lan, profile, 1);
        set_up(&mut lan, phone, "201");
        assert_eq!(lan.phone(phone).display().picture, None);
        assert!(!files(&lan, phone).iter().any(|file| file.starts_with("logo-")));
    }
}

/// An enrolled Snom that somebody else claims at its maker's service, which would send it there.
fn claimed() -> (Lan, Place) {
    let mut lan = office_lan();
    let phone = place(&mut lan, Profile::D785, 1);
    set_up(&mut lan, phone, "201");
    seconds(&mut lan, 120);
    lan.phone(phone).claimed = Some(ELSEWHERE.to_owned());
    (lan, phone)
}

const ELSEWHERE: &str = "http://192.168.1.66/claimed.xml";

/// Whether it asked where its maker's service sends it.
fn went_elsewhere(lan: &Lan) -> bool {
    lan.asked.iter().any(|(_, get)| get.url == ELSEWHERE)
}

#[test]
fn a_snom_that_is_set_up_asks_its_maker_no_more_where_to_go_and_stays_with_the_box() {
    let (mut lan, phone) = claimed();
    boot(&mut lan, phone);
    assert!(lan.is_ready(phone) && !went_elsewhere(&lan), "{}", lan.shown(phone));
    let (mut lan, phone) = claimed();
    lan.phone(phone).change_by_hand("provisioning_order", "redirection:stop pnp:stop dhcp:stop tr69:stop");
    boot(&mut lan, phone);
    assert!(went_elsewhere(&lan), "from the factory it would go");
}

#[test]
fn a_snom_that_is_told_where_to_look_no_more_reads_its_settings_once_more_and_not_for_ever() {
    let mut lan = office_lan();
    let phone = place(&mut lan, Profile::D785, 1);
    set_up(&mut lan, phone, "201");
    seconds(&mut lan, 60);
    let asked = files(&lan, phone);
    assert_eq!(asked[asked.len() - 2..], ["000413000001.xml", "000413000001.xml"], "its account, and once more");
    seconds(&mut lan, 3600);
    assert_eq!(files(&lan, phone).len(), asked.len());
    assert!(lan.is_ready(phone));
}

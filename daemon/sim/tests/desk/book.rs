//! The phone book, as phones fetch and show it.

use centrale_config::Contact;
use centrale_sim::desk::lan::{Lan, Place};
use centrale_sim::desk::{Maker, Profile};

use super::{joins, office_lan, place, seconds, set_up, set_up_base};

fn with_phone(profile: Profile) -> (Lan, Place) {
    let mut lan = office_lan();
    let phone = place(&mut lan, profile, 1);
    set_up(&mut lan, phone, "201");
    (lan, phone)
}

fn open(lan: &mut Lan, phone: Place) -> Vec<String> {
    assert!(lan.at(phone, |phone, now| phone.open_book(now)), "it has a book");
    names(lan, phone)
}

fn search(lan: &mut Lan, phone: Place, word: &str) -> Vec<String> {
    assert!(lan.at(phone, |phone, now| phone.search_book(now, word)), "it can search");
    names(lan, phone)
}

fn names(lan: &mut Lan, phone: Place) -> Vec<String> {
    lan.read_book(phone).unwrap().into_iter().map(|(name, _)| name).collect()
}

/// The addresses of the book that a phone asked for.
fn asked(lan: &Lan, phone: Place) -> Vec<String> {
    let own = lan.asked.iter().filter(|(by, get)| *by == phone && get.url.contains("phonebook.xml"));
    own.map(|(_, get)| get.url.clone()).collect()
}

#[test]
fn a_phone_shows_the_names_of_the_office_fetched_over_https_with_the_address_of_its_own_enrolment() {
    for profile in Profile::DESK {
        let (mut lan, phone) = with_phone(profile);
        let people = (201..205).map(|number| format!("Person {number}")).collect::<Vec<_>>();
        assert_eq!(open(&mut lan, phone), people, "{}", profile.name);
        let asked = asked(&lan, phone);
        let key = if profile.maker == Maker::Snom { "setting_server" } else { "static.auto_provision.server.url" };
        let folder = lan.phone(phone).setting(key).rsplit_once('/').unwrap().0;
        assert!(folder.starts_with("https://192.168.1.2:8443/p/"));
        assert_eq!(asked, [format!("{folder}/phonebook.xml")]);
    }
}

#[test]
fn a_colleague_who_is_added_on_the_page_is_there_at_the_next_fetch() {
    for profile in Profile::DESK {
        let (mut lan, phone) = with_phone(profile);
        assert_eq!(open(&mut lan, phone).len(), 4);
        joins(&mut lan, "205", "Zoë & zoon");
        let keeps = profile.maker == Maker::Yealink;
        assert_eq!(open(&mut lan, phone).len(), if keeps { 4 } else { 5 }, "a Yealink keeps its copy for an hour");
        seconds(&mut lan, 3600);
        assert_eq!(open(&mut lan, phone)[4], "Zoë & zoon", "{}", profile.name);
    }
}

#[test]
fn a_search_finds_people_and_contacts_and_who_is_chosen_is_called() {
    for profile in Profile::DESK {
        let (mut lan, phone) = with_phone(profile);
        lan.office.contacts.push(Contact {
            name: "Piet".into(),
            company: "Ångström & Fils".into(),
            numbers: vec!["+3221234567".parse().unwrap()],
        });
        lan.commit();
        seconds(&mut lan, 5);
        assert_eq!(search(&mut lan, phone, "angstrom &"), ["Piet (Ångström & Fils)"], "{}", profile.name);
        assert_eq!(search(&mut lan, phone, "nobody"), [""; 0]);
        assert_eq!(search(&mut lan, phone, "203"), ["Person 203"], "a number, or a part of it");
        assert!(lan.at(phone, |phone, now| phone.dial_from_book(now, "Person 203")));
        seconds(&mut lan, 2);
        let dialled: Vec<String> = lan.phone(phone).take_stories().into_iter().map(|story| story.dialled).collect();
        assert_eq!(dialled, ["203"], "who has no phone there");
    }
}

#[test]
fn a_snom_turns_the_pages_of_a_book_that_is_too_long_for_one() {
    let mut lan = Lan::new(std::time::Instant::now(), super::office(120), 1);
    let phone = place(&mut lan, Profile::D785, 1);
    set_up(&mut lan, phone, "201");
    let mut all = open(&mut lan, phone);
    while lan.at(phone, |phone, now| phone.press_under_book(now, "Verder")) {
        all.extend(names(&mut lan, phone));
    }
    assert_eq!(all, (201..321).map(|number| format!("Person {number}")).collect::<Vec<_>>());
}

#[test]
fn a_phone_that_was_taken_away_or_is_answered_by_somebody_else_shows_no_names() {
    for profile in Profile::DESK {
        let (mut lan, phone) = with_phone(profile);
        lan.tls.usurped = true;
        assert!(lan.at(phone, |phone, now| phone.open_book(now)));
        assert_eq!(lan.read_book(phone), Err("certificate not trusted".to_owned()), "{}", profile.name);
        lan.tls.usurped = false;
        lan.remove(phone);
        assert!(lan.at(phone, |phone, now| phone.open_book(now)));
        assert_eq!(lan.read_book(phone), Err("phone book cannot be loaded".to_owned()));
    }
}

#[test]
fn a_book_is_fetched_after_the_settings_that_are_just_being_read() {
    let (mut lan, phone) = with_phone(Profile::T54W);
    lan.resync(phone);
    lan.run_for(std::time::Duration::from_millis(3));
    assert_eq!(open(&mut lan, phone).len(), 4);
    seconds(&mut lan, 5);
    assert!(lan.is_ready(phone), "{}", lan.told(phone));
}

#[test]
fn a_handset_shows_the_book_of_its_base_and_who_is_chosen_is_called_on_its_own_account() {
    let mut lan = office_lan();
    let base = place(&mut lan, Profile::W60B, 1);
    lan.phone(base).subscribe_handset("W53H").expect("there is room");
    lan.phone(base).subscribe_handset("W56H").expect("there is room");
    set_up_base(&mut lan, base, &["201", "202"]);
    assert!(!lan.at(base, |base, now| base.open_book_at_handset(now, 3)), "nobody subscribed it");
    assert!(lan.at(base, |base, now| base.open_book_at_handset(now, 2)));
    assert_eq!(names(&mut lan, base), (201..205).map(|number| format!("Person {number}")).collect::<Vec<_>>());
    assert!(lan.at(base, |base, now| base.dial_from_book_at_handset(now, 2, "Person 203")));
    seconds(&mut lan, 2);
    let stories = lan.phone(base).take_stories();
    assert_eq!(
        stories.iter().map(|story| story.dialled.as_str()).collect::<Vec<_>>(),
        ["203"],
        "who has no phone there"
    );
}

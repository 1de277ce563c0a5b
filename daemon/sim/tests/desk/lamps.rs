//! Lamps: what a person sees of colleagues, park places and messages, and what pressing a key beside a lamp does.

use std::time::{Duration, Instant};

use centrale_call_control::view::CallState;
use centrale_config::Voicemail;
use centrale_sim::desk::lan::{Lan, Place};
use centrale_sim::desk::{Lamp, Profile, Spot};

use super::{boot, joins, office, office_lan, place, seconds, set_up};

/// One of each way to write keys and to subscribe.
const KINDS: [Profile; 3] = [Profile::T54W, Profile::D785, Profile::D725];

/// An office with a phone of this model for 201, and plain ones for 202 and 203 who talk until they are told otherwise.
fn three(profile: Profile) -> (Lan, [Place; 3]) {
    let mut lan = office_lan();
    let phones = [profile, Profile::T41S, Profile::D717];
    let places = [1, 2, 3].map(|number| place(&mut lan, phones[usize::from(number) - 1], number));
    for (place, number) in places.into_iter().zip(["201", "202", "203"]) {
        set_up(&mut lan, place, number);
        lan.phone(place).talk_until_told();
        lan.phone(place).nobody_there();
    }
    seconds(&mut lan, 2);
    (lan, places)
}

fn lamp(lan: &Lan, place: Place, label: &str) -> Lamp {
    let display = lan.display(place);
    display.spot(label).map_or(Lamp::Off, |spot| display.lamp(spot))
}

/// Waits until the lamp with this label is so.
fn comes_to_be(lan: &mut Lan, place: Place, label: &str, wanted: Lamp) {
    let came = lan.run_until(Duration::from_secs(30), |lan| lamp(lan, place, label) == wanted);
    assert!(came, "{label} is {:?}, not {wanted:?}", lamp(lan, place, label));
}

fn talking(lan: &Lan) -> usize {
    lan.snapshot().calls.iter().filter(|call| call.state == CallState::Talking).count()
}

#[test]
fn the_lamp_of_a_colleague_blinks_while_it_rings_there_is_on_while_they_talk_and_goes_out() {
    for profile in KINDS {
        let (mut lan, [watcher, called, caller]) = three(profile);
        assert_eq!(lan.display(watcher).lit(), [""; 0], "{}", profile.name);
        lan.phone(called).answer_always();
        lan.dial(caller, "202");
        comes_to_be(&mut lan, watcher, "Person 202", Lamp::Blinking);
        comes_to_be(&mut lan, watcher, "Person 203", Lamp::On);
        comes_to_be(&mut lan, watcher, "Person 202", Lamp::On);
        let lit = ["key 2 on page 1 (Person 202) is on", "key 3 on page 1 (Person 203) is on"];
        assert_eq!(lan.display(watcher).lit(), lit);
        lan.hang_up(caller);
        comes_to_be(&mut lan, watcher, "Person 202", Lamp::Off);
        comes_to_be(&mut lan, watcher, "Person 203", Lamp::Off);
    }
}

#[test]
fn pressing_a_key_that_blinks_takes_the_call_over_and_pressing_a_dark_one_calls() {
    for profile in KINDS {
        let (mut lan, [watcher, called, caller]) = three(profile);
        let spot = lan.display(watcher).spot("Person 202").unwrap();
        lan.dial(caller, "202");
        comes_to_be(&mut lan, watcher, "Person 202", Lamp::Blinking);
        lan.press(watcher, spot);
        assert!(lan.run_until(Duration::from_secs(5), |lan| talking(lan) == 1), "{}", profile.name);
        comes_to_be(&mut lan, watcher, "Person 202", Lamp::Off);
        assert!(!lan.phone(called).is_in_call(), "it rings there no more");
        lan.hang_up(watcher);
        seconds(&mut lan, 2);

        lan.phone(called).answer_always();
        lan.press(watcher, spot);
        comes_to_be(&mut lan, watcher, "Person 202", Lamp::On);
    }
}

#[test]
fn a_call_that_is_parked_lights_every_phones_key_and_whoever_presses_it_takes_it_up() {
    for profile in KINDS {
        let (mut lan, [watcher, called, caller]) = three(profile);
        lan.phone(watcher).answer_always();
        lan.dial(caller, "201");
        assert!(lan.run_until(Duration::from_secs(20), |lan| talking(lan) == 1));
        let spot = |lan: &Lan, place| lan.display(place).spot("Parkeren 1").unwrap();
        let (parks, takes) = (spot(&lan, watcher), spot(&lan, called));
        lan.press(watcher, parks);
        comes_to_be(&mut lan, called, "Parkeren 1", Lamp::On);
        comes_to_be(&mut lan, watcher, "Parkeren 1", Lamp::On);
        seconds(&mut lan, 3);
        assert!(!lan.phone(watcher).is_in_call(), "{}: put down", profile.name);

        lan.press(called, takes);
        comes_to_be(&mut lan, watcher, "Parkeren 1", Lamp::Off);
        assert!(lan.phone(called).is_in_call() && lan.phone(caller).is_in_call());
        assert_eq!(lan.display(watcher).lit().len(), 2, "the two of them: {:?}", lan.display(watcher).lit());
    }
}

/// A phone with two modules in an office that fills the first and begins the second.
fn with_modules(profile: Profile, people: u16) -> (Lan, Place) {
    let mut lan = Lan::new(Instant::now(), office(people), 1);
    let phone = place(&mut lan, profile, 1);
    lan.phone(phone).modules = 2;
    lan.declare(phone, &["201".to_owned()]);
    lan.maker_known = true;
    lan.open_window();
    boot(&mut lan, phone);
    assert!(lan.run_until(Duration::from_secs(300), |lan| lan.is_ready(phone)), "{}", lan.told(phone));
    seconds(&mut lan, 10);
    (lan, phone)
}

#[test]
fn keys_on_modules_have_lamps_that_work_like_those_of_the_phone() {
    for (profile, people, label, spot) in [
        (Profile::T54W, 100, "Person 278", Spot::on_module(1, 3, 11)),
        (Profile::T54W, 100, "Person 293", Spot::on_module(2, 1, 6)),
        (Profile::T46G, 80, "Person 260", Spot::on_module(1, 2, 13)),
        (Profile::D785, 60, "Person 230", Spot::on_module(1, 1, 6)),
        (Profile::D725, 50, "Person 240", Spot::on_module(2, 1, 4)),
    ] {
        let (mut lan, phone) = with_modules(profile, people);
        assert_eq!(lan.display(phone).spot(label), Some(spot), "{}", profile.name);
        let number = label.trim_start_matches("Person ");
        let (other, third) = (place(&mut lan, Profile::T41S, 2), place(&mut lan, Profile::T41S, 3));
        for (place, number) in [(other, number), (third, "202")] {
            set_up(&mut lan, place, number);
            lan.phone(place).talk_until_told();
            lan.phone(place).nobody_there();
        }
        lan.dial(third, number);
        comes_to_be(&mut lan, phone, label, Lamp::Blinking);
        lan.press(phone, spot);
        assert!(lan.run_until(Duration::from_secs(5), |lan| talking(lan) == 1), "{}: taken over", profile.name);
        comes_to_be(&mut lan, phone, label, Lamp::Off);
    }
}

#[test]
fn a_colleague_who_comes_or_goes_gets_or_loses_a_lamp_without_a_restart() {
    for profile in KINDS {
        let (mut lan, [watcher, ..]) = three(profile);
        let subscribed = lan.exchange.subscriptions_in_hand();
        joins(&mut lan, "205", "Person 205");
        seconds(&mut lan, 10);
        assert!(lan.display(watcher).spot("Person 205").is_some(), "{}", profile.name);
        assert_eq!(lan.exchange.subscriptions_in_hand(), subscribed + lamps_of_205(&lan));
        lan.office.people.pop();
        lan.commit();
        seconds(&mut lan, 10);
        assert_eq!(lan.display(watcher).spot("Person 205"), None);
        assert_eq!(lan.exchange.subscriptions_in_hand(), subscribed, "nothing is left over");
    }
}

/// How many phones have a key for the newcomer, net of what had to make room for it.
fn lamps_of_205(lan: &Lan) -> usize {
    // The D717 of 203 has three keys, all of them taken.
    let with_room = (0..2).filter(|at| lan.display(Place(*at)).spot("Person 205").is_some());
    with_room.count()
}

#[test]
fn a_lamp_is_right_again_after_the_box_forgot_everything_and_after_the_phone_was_restarted() {
    let (mut lan, [watcher, called, caller]) = three(Profile::T54W);
    lan.phone(called).answer_always();
    lan.dial(caller, "202");
    comes_to_be(&mut lan, watcher, "Person 202", Lamp::On);
    boot(&mut lan, watcher);
    seconds(&mut lan, 10);
    assert_eq!(lamp(&lan, watcher, "Person 202"), Lamp::On, "{}", lan.shown(watcher));
    lan.restart_exchange();
    assert!(
        lan.run_until(Duration::from_secs(700), |lan| lamp(lan, watcher, "Person 202") == Lamp::Off),
        "no lamp is wrong for longer than a subscription lasts"
    );
    lan.hang_up(caller);
    lan.hang_up(called);
    seconds(&mut lan, 700);
    lan.dial(caller, "202");
    comes_to_be(&mut lan, watcher, "Person 202", Lamp::On);
}

/// An office in which 201 has a mailbox, with a phone of this model for 201 and one for 202.
fn with_mailbox(profile: Profile) -> (Lan, Place, Place) {
    let mut lan = office_lan();
    lan.office.people[0].voicemail = Some(Voicemail { after_seconds: 5 });
    lan.commit();
    let (phone, caller) = (place(&mut lan, profile, 1), place(&mut lan, Profile::T41S, 2));
    set_up(&mut lan, phone, "201");
    set_up(&mut lan, caller, "202");
    lan.phone(caller).talk_until_told();
    lan.phone(phone).nobody_there();
    lan.phone(phone).talk_until_told();
    seconds(&mut lan, 5);
    (lan, phone, caller)
}

/// Somebody calls 201, who is not there, speaks, and hangs up.
fn leaves_a_message(lan: &mut Lan, caller: Place) {
    lan.dial(caller, "201");
    assert!(lan.run_until(Duration::from_secs(20), |lan| talking(lan) == 1), "the mailbox answers");
    seconds(lan, 30);
    lan.hang_up(caller);
    seconds(lan, 5);
}

#[test]
fn a_message_that_is_left_lights_the_lamp_of_its_person_and_hearing_it_puts_it_out() {
    for profile in [Profile::T54W, Profile::T19P_E2, Profile::D785, Profile::D710] {
        let (mut lan, phone, caller) = with_mailbox(profile);
        assert_eq!(lan.display(phone).messages, 0);
        leaves_a_message(&mut lan, caller);
        assert_eq!(lan.display(phone).messages, 1, "{}", profile.name);
        leaves_a_message(&mut lan, caller);
        assert_eq!(lan.display(phone).messages, 2);
        assert_eq!(lan.display(caller).messages, 0, "nobody else's");
        boot(&mut lan, phone);
        seconds(&mut lan, 10);
        assert_eq!(lan.display(phone).messages, 2, "after a power cut");

        lan.phone(phone).talk_until_told();
        lan.dial(phone, "*97");
        assert!(
            lan.run_until(Duration::from_secs(200), |lan| lan.display(phone).messages == 0),
            "{}: {} left",
            profile.name,
            lan.display(phone).messages
        );
    }
}

#[test]
fn a_message_for_one_handset_of_a_base_shows_on_that_handset_alone() {
    let mut lan = Lan::new(Instant::now(), office(4), 1);
    lan.office.people[1].voicemail = Some(Voicemail { after_seconds: 5 });
    let (base, caller) = (place(&mut lan, Profile::W60B, 1), place(&mut lan, Profile::T41S, 2));
    lan.declare(base, &["201".to_owned(), "202".to_owned()]);
    for model in ["W53H", "CP930W"] {
        lan.phone(base).subscribe_handset(model).unwrap();
    }
    lan.open_window();
    boot(&mut lan, base);
    seconds(&mut lan, 300);
    set_up(&mut lan, caller, "203");
    lan.phone(base).nobody_there();
    lan.phone(caller).talk_until_told();
    lan.dial(caller, "202");
    assert!(lan.run_until(Duration::from_secs(20), |lan| talking(lan) == 1), "the mailbox answers");
    seconds(&mut lan, 30);
    lan.hang_up(caller);
    seconds(&mut lan, 5);
    assert_eq!([1, 2].map(|handset| lan.phone(base).handset_messages(handset)), [0, 1]);
}

#[test]
fn a_phone_that_is_not_set_to_show_messages_shows_none() {
    let (mut lan, phone, caller) = with_mailbox(Profile::T54W);
    leaves_a_message(&mut lan, caller);
    lan.phone(phone).change_by_hand("account.1.display_mwi.enable", "0");
    assert_eq!(lan.display(phone).messages, 0);
    lan.phone(phone).change_by_hand("account.1.display_mwi.enable", "1");
    lan.phone(phone).change_by_hand("account.1.subscribe_mwi", "0");
    boot(&mut lan, phone);
    seconds(&mut lan, 10);
    assert_eq!(lan.display(phone).messages, 0, "nobody asked");
}

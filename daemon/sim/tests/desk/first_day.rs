//! Out of the carton, onto the desk, ready to call.

use std::time::Duration;

use centrale_call_control::view::CallState;
use centrale_sim::desk::Profile;
use centrale_sim::desk::lan::{Lan, Place};
use centrale_sip::flow::Transport;

use super::{boot, files, in_clear, office_lan, place, seconds, set_up, set_up_base};

#[test]
fn an_untouched_yealink_finds_the_box_waits_for_a_word_registers_and_calls_a_colleague() {
    let mut lan = office_lan();
    let (phone, colleague) = (place(&mut lan, Profile::T54W, 1), place(&mut lan, Profile::D785, 2));
    set_up(&mut lan, colleague, "202");
    lan.phone(colleague).answer_always();

    boot(&mut lan, phone);
    assert_eq!(files(&lan, phone), ["805ec0000001.boot", "805ec0000001.cfg", "ca.pem"], "in clear, and no secret");
    assert_eq!((lan.shown(phone).as_str(), lan.told(phone).as_str()), ("No service", "SettingUp"));
    seconds(&mut lan, 60);
    let code = lan.card(phone).unwrap().code.expect("a code to compare");
    assert_eq!(lan.shown(phone), format!("No service [Centrale {code}]"), "it shows what the page shows");
    assert_eq!(lan.told(phone), "New: waiting-for-adoption");

    lan.adopt(phone, "201");
    assert!(lan.run_until(Duration::from_secs(70), |lan| lan.is_ready(phone)), "within its minute");
    let display = lan.phone(phone).display();
    assert_eq!((display.title.as_str(), display.message), ("201 Person 201", None));
    assert_eq!(display.keys, ["201 Person 201", "Person 202", "Person 203", "Person 204", "Parkeren 1", "Parkeren 2"]);
    assert_eq!(lan.told(phone), "Ready");

    lan.dial(phone, "202");
    let talking =
        |lan: &centrale_sim::desk::lan::Lan| lan.snapshot().calls.iter().any(|call| call.state == CallState::Talking);
    assert!(lan.run_until(Duration::from_secs(20), talking), "a colleague picks up");
    seconds(&mut lan, 200);
    let heard = [phone, colleague].map(|place| {
        let stories = lan.phone(place).take_stories();
        stories.first().is_some_and(|story| story.heard.values().any(|packets| *packets > 0))
    });
    assert_eq!(heard, [true, true], "and both hear each other");
}

#[test]
fn an_untouched_snom_finds_the_box_waits_for_a_word_and_registers() {
    let mut lan = office_lan();
    let phone = place(&mut lan, Profile::D785, 1);
    lan.open_window();
    boot(&mut lan, phone);
    assert_eq!(files(&lan, phone), ["000413000001.xml"]);
    seconds(&mut lan, 60);
    let code = lan.card(phone).unwrap().code.expect("a code to compare");
    assert_eq!(lan.shown(phone), format!("No service [Centrale {code}]"), "after its restart, over TLS");
    lan.adopt(phone, "203");
    assert!(lan.run_until(Duration::from_secs(70), |lan| lan.is_ready(phone)));
    assert_eq!(lan.phone(phone).display().title, "203 Person 203");
    assert_eq!(lan.told(phone), "Ready");
}

#[test]
fn every_model_gets_from_the_carton_to_its_owners_name_on_the_display() {
    for profile in Profile::DESK {
        let mut lan = office_lan();
        let phone = place(&mut lan, profile, 1);
        set_up(&mut lan, phone, "201");
        assert_eq!(lan.phone(phone).display().title, "201 Person 201", "{}", profile.name);
        assert_eq!(lan.card(phone).unwrap().model, profile.name);
    }
}

#[test]
fn a_phone_whose_maker_vouches_for_it_needs_no_second_visit() {
    let mut lan = office_lan();
    let phone = place(&mut lan, Profile::T54W, 1);
    lan.maker_known = true;
    lan.declare(phone, &["201".to_owned()]);
    lan.open_window();
    boot(&mut lan, phone);
    seconds(&mut lan, 65);
    assert_eq!((lan.phone(phone).display().title.as_str(), lan.told(phone).as_str()), ("201 Person 201", "Ready"));
}

#[test]
fn phones_that_the_router_or_somebody_at_their_menu_tells_the_boxs_address_are_set_up_like_any_other() {
    for profile in Profile::DESK {
        for by_router in [true, false] {
            let mut lan = office_lan();
            let phone = place(&mut lan, profile, 1);
            lan.phone(phone).change_by_hand("static.auto_provision.pnp_enable", "0");
            lan.phone(phone).change_by_hand("pnp_config", "off");
            let address = "http://192.168.1.2:8080/".to_owned();
            if by_router {
                lan.phone(phone).option_66 = Some(address);
            } else {
                lan.phone(phone).change_by_hand("static.auto_provision.server.url", &address);
                lan.phone(phone).change_by_hand("setting_server", &address);
            }
            set_up(&mut lan, phone, "201");
            assert_eq!(lan.phone(phone).display().title, "201 Person 201", "{} {by_router}", profile.name);
        }
    }
}

#[test]
fn a_dect_base_registers_a_line_for_each_of_its_handsets() {
    let mut lan = office_lan();
    let base = place(&mut lan, Profile::W60B, 1);
    set_up_base(&mut lan, base, &["201", "202", "203", "204"]);
    assert_eq!(lan.phone(base).registered(), 4);
    let numbers: Vec<String> = lan.phone(base).accounts().into_iter().map(|account| account.number).collect();
    assert_eq!(numbers, ["201", "202", "203", "204"]);
}

#[test]
fn a_phone_without_curves_is_refused_with_the_reason_and_set_up_in_clear_once_the_administrator_says_so() {
    let mut lan = office_lan();
    let phone = place(&mut lan, Profile::T19P_E2_WITHOUT_CURVES, 1);
    lan.open_window();
    boot(&mut lan, phone);
    seconds(&mut lan, 70);
    assert_eq!(lan.shown(phone), "No service (TLS handshake failed)");
    assert_eq!(lan.told(phone), "SettingUp: tls-too-old");
    assert!(!gave_secret(&lan, phone));

    lan.allow_plain_http(phone, true);
    seconds(&mut lan, 300);
    assert!(!gave_secret(&lan, phone), "its earlier address is good for nothing");
    lan.open_window();
    boot(&mut lan, phone);
    seconds(&mut lan, 70);
    assert_eq!(lan.told(phone), "New: waiting-for-adoption", "and somebody must still say whose it is");
    lan.adopt(phone, "201");
    assert!(lan.run_until(Duration::from_secs(70), |lan| lan.is_ready(phone)), "{}", lan.told(phone));
    assert_eq!((lan.phone(phone).display().title.as_str(), lan.told(phone).as_str()), ("201 Person 201", "Ready"));
    let account = lan.phone(phone).accounts().remove(0);
    assert_eq!((account.transport, account.srtp), (Transport::Udp, false), "and its calls need no TLS either");
    let secrets = |lan: &Lan| lan.served[&phone].iter().filter(|(_, body)| is_secret(body)).count();
    assert_eq!(secrets(&lan), 1, "told once");

    boot(&mut lan, phone);
    seconds(&mut lan, 10);
    assert_eq!(secrets(&lan), 1, "and not again, after a restart");
    assert!(lan.is_ready(phone), "it goes on with what it has");
    lan.office.people[0].name = "Somebody Else".into();
    lan.commit();
    seconds(&mut lan, 5);
    assert_eq!(lan.phone(phone).display().title, "201 Somebody Else");
    assert_eq!(secrets(&lan), 2, "a change is told once more");
    let colleague = place(&mut lan, Profile::T54W, 2);
    set_up(&mut lan, colleague, "202");
    lan.phone(colleague).answer_always();
    lan.dial(phone, "202");
    let talking = |lan: &Lan| lan.snapshot().calls.iter().any(|call| call.state == CallState::Talking);
    assert!(lan.run_until(Duration::from_secs(20), talking), "and it calls");
}

#[test]
fn what_was_told_in_clear_is_dead_when_the_administrator_takes_it_back() {
    let (mut lan, phone) = in_clear();
    lan.allow_plain_http(phone, false);
    seconds(&mut lan, 1200);
    assert!(!lan.is_ready(phone), "{}", lan.shown(phone));
    assert_eq!(lan.snapshot().people[0].registrations.len(), 0);
}

fn is_secret(body: &[u8]) -> bool {
    String::from_utf8_lossy(body).contains("account.1.password")
}

fn gave_secret(lan: &Lan, phone: Place) -> bool {
    lan.served[&phone].iter().any(|(_, body)| is_secret(body))
}

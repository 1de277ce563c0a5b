//! Out of the carton, onto the desk, ready to call.

use std::time::Duration;

use centrale_call_control::view::CallState;
use centrale_sim::desk::Profile;

use super::{boot, files, lan, place, seconds, set_up};

#[test]
fn an_untouched_yealink_finds_the_box_waits_for_a_word_registers_and_calls_a_colleague() {
    let mut lan = lan();
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
    assert_eq!(display.keys, ["201 Person 201", "Person 202", "Person 203", "Person 204"]);
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
    let mut lan = lan();
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

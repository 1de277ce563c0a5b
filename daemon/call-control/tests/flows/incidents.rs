//! What was tried against the office, as the stories that are written down: who, what, what the box did, and whether anything
//! got in.

use centrale_call_control::Input;
use centrale_call_control::incident::{About, Deed, Incident, Reached};
use centrale_sip::flow::Transport;

use crate::bench::{Bench, OFFICE, Provider, Ua};
use crate::knock::{ATTACKERS, attacker, try_password};

/// Long enough for a story to be over.
const OVER: u64 = 32 * 60;

/// The last that was told of each story.
fn stories(bench: &Bench) -> Vec<Incident> {
    let mut last: Vec<Incident> = Vec::new();
    for told in &bench.incidents {
        last.retain(|earlier| earlier.number != told.number);
        last.push(told.clone());
    }
    last
}

#[test]
fn a_042_who_guesses_is_one_story_with_its_source_what_it_tried_what_was_done_and_that_it_did_not_get_in() {
    for at in ATTACKERS {
        let mut bench = Bench::new();
        let guesser = attacker(at, "201");
        for guess in 0..300 {
            try_password(&guesser, &mut bench, &format!("guess {guess}"));
        }
        bench.seconds(OVER);
        let stories = stories(&bench);
        let [story] = &stories[..] else { panic!("{stories:?}") };
        assert!(bench.incidents.len() < 12, "{} lines", bench.incidents.len());
        assert!(story.is_over && story.attempts >= 5, "{story:?}");
        assert_eq!(story.reached, Reached::Nothing);
        assert_eq!(story.sources.some, [guesser.at.ip().to_string()]);
        assert_eq!(story.accounts.some, ["201"]);
        assert_eq!(story.tried[0].0, "guessing");
        assert!(story.done.iter().any(|(deed, _)| *deed == Deed::Blocked) && story.blocked_until.is_some());
        assert!(story.devices.some.iter().any(|device| device.contains("Yealink")), "{story:?}");
        assert!(!format!("{story:?}").contains("guess 1"), "no password that was tried is repeated");
    }
}

#[test]
fn a_042_a_call_that_is_not_allowed_is_tied_to_its_user_the_device_the_source_and_the_number() {
    let mut bench = Bench::new();
    let _provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let draft = anna.invite_draft(&mut bench, "09001234").with("User-Agent", "Yealink SIP-T54W 96.86.0.100");
    anna.call_with(&mut bench, &draft).expect(&mut bench, 403);
    let stories = stories(&bench);
    let [story] = &stories[..] else { panic!("{stories:?}") };
    assert_eq!((story.about.clone(), story.reached), (About::Account("201".into()), Reached::Nothing));
    assert_eq!(story.sources.some, [anna.at.ip().to_string()]);
    assert_eq!((story.done[0].0, story.devices.some[0].as_str()), (Deed::Refused, "Yealink SIP-T54W 96.86.0.100"));
    assert!(story.targets.some[0].contains("9001234"), "{story:?}");
    // No room, or nobody there, is no attempt.
    anna.call(&mut bench, "299").expect(&mut bench, 404);
    assert_eq!(self::stories(&bench).len(), 1);
}

#[test]
fn a_right_password_in_the_wrong_hands_is_a_story_of_somebody_who_got_in_and_what_was_refused_is_in_it() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    let _provider = Provider::new(&mut bench);
    bench.find_interfaces();
    let thief = Ua::new("202", Transport::Tcp, "198.51.100.66:40000");
    for (ua, device) in [(Ua::usual("202"), "Yealink SIP-T54W 96.86.0.100"), (thief.clone(), "Zoiper rv2.10.20")] {
        let draft = ua.register_draft(&mut bench, 3600).with("User-Agent", device);
        assert_eq!(ua.ask_proven(&mut bench, &draft).status.code(), 200);
    }
    let draft = thief.invite_draft(&mut bench, "0612345678").with("User-Agent", "Zoiper rv2.10.20");
    thief.call_with(&mut bench, &draft).expect(&mut bench, 403);
    let stories = stories(&bench);
    let [story] = &stories[..] else { panic!("{stories:?}") };
    assert_eq!((story.about.clone(), story.reached), (About::Account("202".into()), Reached::Apart));
    assert_eq!(story.done, [(Deed::KeptApart, 1), (Deed::Refused, 1)]);
    assert_eq!(story.sources.some, ["198.51.100.66"]);
}

#[test]
fn what_was_not_told_yet_is_told_when_the_box_is_stopped() {
    let mut bench = Bench::new();
    let _provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    for _ in 0..3 {
        anna.call(&mut bench, "09001234").expect(&mut bench, 403);
    }
    assert_eq!(bench.incidents.last().unwrap().attempts, 1);
    bench.input(Input::Stopping);
    assert_eq!(bench.incidents.last().unwrap().attempts, 3);
}

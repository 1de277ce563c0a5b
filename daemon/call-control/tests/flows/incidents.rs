//! What was tried against the office, as the stories that are written down: who, what, what the box did, and whether anything
//! got in.

use centrale_call_control::incident::{About, Deed, Incident, Reached};
use centrale_call_control::{Input, Reason, Tried};
use centrale_sip::flow::Transport;
use centrale_sip::message::Method;

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
fn a_080_a_refused_number_in_six_spellings_is_refused_each_time_and_an_incident_before_the_third() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let spellings = ["09001234", "+319001234", "00319001234", "%2b319001234", "0900-1234", "+31%39001234"];
    for (tried, spelling) in spellings.into_iter().enumerate() {
        anna.call(&mut bench, spelling).expect(&mut bench, 403);
        assert!(bench.take_request(provider.ua.at, &Method::INVITE).is_none(), "{spelling} got out");
        if tried + 1 >= 3 {
            let told = bench.incidents.last().expect("it is told");
            assert_eq!((told.about.clone(), told.reached), (About::Account("201".into()), Reached::Nothing));
        }
    }
    bench.input(Input::Stopping);
    let stories = stories(&bench);
    let [story] = &stories[..] else { panic!("{stories:?}") };
    assert_eq!(story.attempts, 6, "each of them is a part of the one story");
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

fn tried(what: Reason, from: &str, deed: Deed) -> Tried {
    let (account, device, target) = ("admin".into(), "Mozilla/5.0".into(), String::new());
    Tried { what, from: from.parse().unwrap(), account, target, device, deed, is_at_home: false }
}

#[test]
fn what_is_tried_at_the_page_and_at_sips_door_from_one_network_is_one_story_and_who_is_outside_is_kept_out_of_both() {
    let mut bench = Bench::new();
    let guesser = attacker(ATTACKERS[0], "201");
    for guess in 0..4 {
        try_password(&guesser, &mut bench, &format!("guess {guess}"));
    }
    assert!(bench.blocks.is_empty());
    bench.input(Input::Tried(tried(Reason::PageGuessing, "203.0.113.66:41000", Deed::Delayed)));
    let block = bench.blocks[0];
    assert_eq!((block.source, block.port, block.lasts.as_secs()), ("203.0.113.66".parse().unwrap(), None, 15 * 60));
    assert_eq!(try_password(&guesser, &mut bench, "guess"), None, "SIP does not hear it either");
    assert!(bench.has_problem("attempts-stopped", ""));
    let stories = stories(&bench);
    let [story] = &stories[..] else { panic!("{stories:?}") };
    assert_eq!(story.tried.iter().map(|(what, _)| *what).collect::<Vec<_>>(), ["guessing", "page-guessing"]);
    assert_eq!(
        (story.accounts.some.as_slice(), story.reached),
        (&["201", "admin"].map(String::from)[..], Reached::Nothing)
    );
}

#[test]
fn who_guesses_at_the_page_from_the_office_from_beside_a_phone_or_from_where_somebody_is_logged_in_is_told_and_not_blocked()
 {
    let mut bench = Bench::new();
    let outside = Ua::new("202", Transport::Tcp, "198.51.100.66:40000");
    assert!(outside.register(&mut bench).status.is_success());
    bench.input(Input::Tried(tried(Reason::PageGuessing, "192.168.1.66:41000", Deed::Delayed)));
    bench.input(Input::Tried(tried(Reason::SettingsGuessing, "198.51.100.66:41000", Deed::TurnedAway)));
    let at_home = Tried { is_at_home: true, ..tried(Reason::PhonePlayed, "203.0.113.9:41000", Deed::TurnedAway) };
    bench.input(Input::Tried(at_home));
    assert!(bench.blocks.is_empty(), "{:?}", bench.blocks);
    let told: Vec<&str> = bench.incidents.iter().map(|story| story.tried[0].0).collect();
    assert!(["page-guessing", "settings-guessing", "phone-played"].iter().all(|what| told.contains(what)), "{told:?}");
}

#[test]
fn who_logged_in_after_guessing_got_in_which_the_story_tells_with_time_user_and_address() {
    let mut bench = Bench::new();
    bench.input(Input::Tried(tried(Reason::PageGuessing, "192.168.1.66:41000", Deed::Delayed)));
    bench.seconds(30);
    bench.input(Input::Tried(tried(Reason::PageEntered, "192.168.1.66:41002", Deed::LetIn)));
    let story = stories(&bench).pop().unwrap();
    let first = story.got_in.unwrap();
    assert_eq!((story.reached, first.account.as_str(), first.deed), (Reached::Page, "admin", Deed::LetIn));
    assert_eq!(first.from, Some("192.168.1.66:41002".parse().unwrap()));
    assert_eq!((first.at - story.first).as_secs(), 30);
}

fn honey(path: &str, from: &str) -> Tried {
    Tried { target: path.into(), ..tried(Reason::HoneyPath, from, Deed::TurnedAway) }
}

#[test]
fn who_asks_for_paths_of_other_exchanges_is_kept_out_at_the_first_from_outside_and_told_of_at_the_second_in_the_office()
{
    let mut bench = Bench::new();
    bench.input(Input::Tried(honey("/admin/config.php", "203.0.113.66:41000")));
    assert_eq!((bench.blocks[0].reason, bench.blocks[0].lasts.as_secs()), ("honey-path", 24 * 3600));
    let office = "192.168.1.66:41000";
    for _ in 0..3 {
        bench.input(Input::Tried(honey("/admin", office)));
    }
    assert_eq!((bench.blocks.len(), bench.incidents.len()), (1, 1), "one path in the office is nothing yet");
    bench.input(Input::Tried(honey("/manager", office)));
    assert_eq!(bench.blocks.len(), 1, "an owner who tries where the page is does not lock out the own computer");
    assert_eq!(stories(&bench)[1].targets.some, ["/manager"]);
}

#[test]
fn no_phone_and_no_browser_that_is_logged_in_is_kept_out_for_a_path_of_another_exchange() {
    let mut bench = Bench::new();
    let anna = bench.phone("201");
    for path in ["/admin", "/recordings", "/panel"] {
        let beside = format!("{}:41000", anna.at.ip());
        bench.input(Input::Tried(honey(path, &beside)));
        bench.input(Input::Tried(Tried { is_at_home: true, ..honey(path, "203.0.113.66:41000") }));
    }
    assert!(bench.blocks.is_empty(), "{:?}", bench.blocks);
    assert!(anna.register(&mut bench).status.is_success());
}

#[test]
fn many_who_guess_one_user_of_the_page_are_one_story_about_that_user_and_nobody_of_them_is_blocked_for_one_guess() {
    let mut bench = Bench::new();
    for host in 1..=50 {
        bench.input(Input::Tried(tried(Reason::PageDistributed, &format!("198.51.{host}.9:41000"), Deed::Delayed)));
    }
    let stories = stories(&bench);
    let [story] = &stories[..] else { panic!("{stories:?}") };
    assert_eq!((story.about.clone(), story.attempts), (About::Account("admin".into()), 10), "told anew tenfold");
    assert!(bench.blocks.is_empty());
}

#[test]
fn that_attempts_were_stopped_is_not_said_to_be_all_while_somebody_got_in_that_day() {
    let mut bench = Bench::switched_off(OFFICE, (10_000, 10_199));
    bench.find_interfaces();
    let told = |bench: &Bench, code: &str| {
        let problems = bench.problems().into_iter();
        problems.filter(|problem| problem.code == code).map(|problem| problem.detail).collect::<Vec<_>>()
    };
    let guesser = attacker(ATTACKERS[0], "201");
    for guess in 0..4 {
        try_password(&guesser, &mut bench, &format!("guess {guess}"));
    }
    bench.seconds(11);
    let [detail] = &told(&bench, "attempts-stopped")[..] else { panic!("{:?}", bench.problems()) };
    assert!(detail.parse::<u64>().unwrap() > 0, "{detail}");
    // Somebody else has a right password.
    let thief = Ua::new("202", Transport::Tcp, "198.51.100.66:40000");
    for (ua, device) in [(Ua::usual("202"), "Yealink SIP-T54W 96.86.0.100"), (thief, "Zoiper rv2.10.20")] {
        let draft = ua.register_draft(&mut bench, 3600).with("User-Agent", device);
        assert_eq!(ua.ask_proven(&mut bench, &draft).status.code(), 200);
    }
    bench.seconds(11);
    assert_eq!(told(&bench, "attempts-stopped"), [""; 0]);
    let [detail] = &told(&bench, "attempts-got-in")[..] else { panic!("{:?}", bench.problems()) };
    assert_eq!(detail.split(' ').nth(1), Some("1"), "{detail}");
    bench.seconds(26 * 3600);
    assert_eq!(told(&bench, "attempts-got-in"), [""; 0], "that was yesterday");
}

#[test]
fn b_18_whoever_calls_one_number_after_the_other_that_is_nobodys_is_a_story_and_who_mistypes_one_is_none() {
    let mut bench = Bench::new();
    let _provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let call = |bench: &mut Bench, dialled: &str| {
        let call = anna.call(bench, dialled);
        let is_final = |response: &centrale_sip::message::Response| {
            response.headers.call_id() == Ok(&call.call_id) && response.status.is_final()
        };
        let answer = bench.take_response(anna.at, is_final).unwrap_or_else(|| bench.fail("no answer"));
        assert!([403, 404].contains(&answer.status.code()), "{answer:?}");
    };
    for _ in 0..5 {
        call(&mut bench, "0971234567890");
        bench.seconds(60);
    }
    call(&mut bench, "0971234567891");
    assert_eq!(stories(&bench), [], "two mistakes");
    bench.seconds(700);
    for dialled in ["0971234567890", "0971234567891", "002101234567"] {
        call(&mut bench, dialled);
    }
    let stories = stories(&bench);
    let [story] = &stories[..] else { panic!("{stories:?}") };
    assert_eq!(
        (story.about.clone(), story.tried.as_slice()),
        (About::Account("201".into()), &[("unallocated", 1)][..])
    );
}

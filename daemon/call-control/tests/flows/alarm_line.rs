//! The line of a lift or an alarm: it calls its own number and help, whatever else is full, stopped or refused.

use std::time::Duration;

use centrale_call_control::{Command, Input, Outcome};
use centrale_guard::{Civil, Pressed, Stop};
use centrale_sip::flow::Transport;
use centrale_sip::message::HeaderName;

use crate::bench::{Bench, Leg, OFFICE, Provider, TUESDAY, Ua};

const CENTRE: &str = "0887654321";
const NO_AUDIO: &str = "v=0\r\no=- 1 1 IN IP4 192.168.1.90\r\ns=-\r\nc=IN IP4 192.168.1.90\r\nt=0 0\r\n";

const ROOM: &str = "[[conference]]\nnumber = \"600\"\nname = \"Board\"\n";

/// The office with its lift, and with what else is written after it.
fn with_lift(more: &str) -> String {
    let lift = "[[person]]\nnumber = \"290\"\nname = \"Lift\"\nsip_password = \"lift-secret-290\"\n\
                calls = \"inside\"\n[[alarm_line]]\nperson = \"290\"\nnumbers = [\"088 765 43 21\"]\n";
    format!("{OFFICE}{lift}{more}")
}

fn office() -> (Bench, Provider, Ua) {
    let (mut bench, provider) = Bench::on_tuesday(&with_lift(""));
    let lift = Ua { password: "lift-secret-290".into(), ..Ua::usual("290") };
    lift.register(&mut bench);
    (bench, provider, lift)
}

#[track_caller]
fn gets_through(bench: &mut Bench, lift: &Ua, provider: &Provider, lasts: u64) {
    let call = lift.call(bench, CENTRE);
    let (mut call, mut ring) = bench.answered(call, &provider.ua);
    bench.advance(Duration::from_millis(lasts));
    call.hang_up(bench);
    ring.expect_bye(bench);
}

#[test]
fn a_100_an_alarm_line_calls_its_number_and_help_and_nothing_else() {
    let (mut bench, provider, lift) = office();
    bench.settle(&with_lift(ROOM));
    for dialled in [
        "0201112233",
        "0612345678",
        "0049301234567",
        "09001234",
        "201",
        "250",
        "600",
        "*8",
        "*8201",
        "*41",
        "*57",
        "*97",
    ] {
        let mut call = lift.call(&mut bench, dialled);
        assert_eq!(call.expect(&mut bench, 403).reason, "Alarm Line Only", "{dialled}");
    }
    gets_through(&mut bench, &lift, &provider, 60_000);
    for help in ["112", "113"] {
        let draft = lift.invite_draft(&mut bench, help);
        let call = if help == "112" { Leg::calling(&lift, &mut bench, &draft) } else { lift.call(&mut bench, help) };
        let (mut call, mut ring) = bench.answered(call, &provider.ua);
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
    }
    assert!(bench.over().iter().any(|record| record.to == "+31887654321" && record.outcome == Outcome::Answered));
}

#[test]
fn a_100_no_rule_for_short_calls_or_machines_and_no_stop_refuses_it() {
    let (mut bench, provider, lift) = office();
    for stop in [Stop::Outgoing, Stop::Person("290".into())] {
        bench.command(Command::Stop { stop, pressed: Pressed { by: "owner".into(), at_unix_ms: 0 } });
    }
    for _ in 0..70 {
        gets_through(&mut bench, &lift, &provider, 200);
        bench.seconds(2);
    }
    for code in ["use-flash-calls", "use-one-number-again", "use-clockwork", "use-machine"] {
        assert!(!bench.has_problem(code, "290"), "{code}");
    }
    let mut refused = bench.phone("201").call(&mut bench, "0612345678");
    refused.expect(&mut bench, 403);
    bench.over();
}

#[test]
fn a_100_it_is_asked_for_at_the_provider_also_when_the_contract_has_no_channel_left() {
    let (mut bench, provider, lift) = office();
    let (anna, bram) = (bench.phone("201"), bench.phone("202"));
    let mut calls: Vec<(Leg, Leg)> = Vec::new();
    for (phone, dialled) in [(&anna, "0301234567"), (&bram, "0301234568")] {
        let call = phone.call(&mut bench, dialled);
        calls.push(bench.answered(call, &provider.ua));
    }
    let chris = bench.phone("203");
    let mut refused = chris.call(&mut bench, "0301234569");
    let reason = refused.expect(&mut bench, 486).headers.text(&HeaderName::Reason).unwrap().into_owned();
    assert!(reason.contains("All Lines Busy"), "{reason}");
    gets_through(&mut bench, &lift, &provider, 5_000);
    for (mut call, mut ring) in calls {
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
    }
    bench.over();
}

#[test]
fn a_100_a_line_without_its_phone_is_told_and_so_is_a_call_that_did_not_get_through() {
    let (mut bench, provider, lift) = office();
    let mut call = lift.call(&mut bench, CENTRE);
    provider.ua.rung(&mut bench).refuse(&mut bench, 503);
    call.expect(&mut bench, 503);
    assert!(bench.has_problem("alarm-call-failed", "290"));
    gets_through(&mut bench, &lift, &provider, 5_000);
    assert!(!bench.has_problem("alarm-call-failed", "290"));
    bench.seconds(1_200);
    assert!(!bench.has_problem("alarm-line-lost", "290"), "it is registered for an hour");
    bench.seconds(3_600);
    assert!(bench.has_problem("alarm-line-lost", "290"));
    lift.register(&mut bench);
    bench.seconds(300);
    assert!(!bench.has_problem("alarm-line-lost", "290"));
    bench.settle(OFFICE);
    bench.over();
}

#[test]
fn a_100_an_alarm_line_hands_its_call_on_to_no_room_and_no_place() {
    let (mut bench, provider, lift) = office();
    bench.settle(&with_lift(ROOM));
    let call = lift.call(&mut bench, CENTRE);
    let (mut call, mut ring) = bench.answered(call, &provider.ua);
    for target in ["600", "*41", "201"] {
        let refused = call.refer(&mut bench, &crate::transfer::to(target));
        assert_eq!((refused.status.code(), refused.reason.as_str()), (403, "Alarm Line Only"), "{target}");
    }
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_100_a_device_that_nobody_knows_hides_no_lost_line() {
    let (mut bench, _provider, lift) = office();
    let stranger = Ua { password: lift.password.clone(), ..Ua::new("290", Transport::Tcp, "198.51.100.66:40000") };
    for _ in 0..3 {
        bench.seconds(1_500);
        let draft = stranger.register_draft(&mut bench, 3600).with("User-Agent", "Zoiper rv2.10.20");
        assert_eq!(stranger.ask_proven(&mut bench, &draft).status.code(), 200);
    }
    assert!(bench.has_problem("phone-unknown", "290"), "it is kept apart");
    assert!(bench.has_problem("alarm-line-lost", "290"));
    bench.over();
}

#[test]
fn a_100_a_call_that_no_provider_could_be_asked_for_is_told_as_one_that_did_not_get_through() {
    let (mut bench, provider, lift) = office();
    let (before, after) = OFFICE.split_once("[[trunk]]").unwrap();
    let without = format!("{before}[[ring_group]]{}", after.split_once("[[ring_group]]").unwrap().1);
    bench.settle(&with_lift("").replace(OFFICE, &without));
    lift.call(&mut bench, CENTRE).expect(&mut bench, 503);
    assert!(bench.has_problem("alarm-call-failed", "290"));
    drop(provider);
    bench.over();
}

#[test]
fn a_100_a_call_whose_audio_cannot_be_used_is_told_as_one_that_did_not_get_through() {
    let (mut bench, _provider, lift) = office();
    let draft = lift.invite_draft(&mut bench, CENTRE).body("application/sdp", NO_AUDIO.into());
    lift.call_with(&mut bench, &draft).expect(&mut bench, 488);
    assert!(bench.has_problem("alarm-call-failed", "290"));
    bench.over();
}

#[test]
fn a_100_a_line_that_did_not_call_for_its_daily_test_is_told_and_shown_until_it_calls() {
    let tested =
        with_lift("").replace("numbers = [\"088 765 43 21\"]\n", "numbers = [\"088 765 43 21\"]\ntest_hours = 24\n");
    let (mut bench, provider) = Bench::on_tuesday(&tested);
    let lift = Ua { password: "lift-secret-290".into(), ..Ua::usual("290") };
    let registered = |bench: &mut Bench| lift.register(bench);
    registered(&mut bench);
    let shown = |bench: &Bench| {
        let people = bench.exchange.snapshot(bench.now).people;
        people.into_iter().find(|person| person.number == "290").and_then(|person| person.alarm_line).unwrap()
    };
    assert_eq!((shown(&bench).last_call, shown(&bench).test_hours), (None, Some(24)));
    gets_through(&mut bench, &lift, &provider, 5_000);
    assert_eq!(shown(&bench).last_call, Some(TUESDAY.minutes()));
    let at = |hours: u64| Input::Clock(Civil::from_minutes(TUESDAY.minutes() + hours * 60));
    bench.input(at(25));
    assert!(!bench.has_problem("alarm-test-missed", "290"), "it may be an hour late");
    bench.input(at(26));
    assert!(bench.has_problem("alarm-test-missed", "290"));
    registered(&mut bench);
    gets_through(&mut bench, &lift, &provider, 5_000);
    assert!(!bench.has_problem("alarm-test-missed", "290"));
    bench.input(at(60));
    assert!(bench.has_problem("alarm-test-missed", "290"));
    // A lift that tests itself no more, and one that is gone, misses nothing.
    bench.settle(&with_lift(""));
    assert!(!bench.has_problem("alarm-test-missed", "290"));
    bench.settle(&tested);
    assert!(bench.has_problem("alarm-test-missed", "290"));
    bench.settle(OFFICE);
    assert!(!bench.has_problem("alarm-test-missed", "290"));
    bench.over();
}

//! The daily test call proves the way to help, and is in nobody's way.

use centrale_call_control::view::{HelpTest, HelpView};
use centrale_call_control::{Command, Input};
use centrale_sip::message::Method;

use crate::bench::{Bench, Leg, OFFICE, OfficeText, Provider, TUESDAY};

const DAY: u64 = 24 * 3600;

fn tested(office: &str) -> String {
    format!("{office}\n[emergency]\ntest_number = \"+31207654321\"\n")
}

/// Until the test call comes: some minutes, and not a day.
#[track_caller]
fn test_call(bench: &mut Bench, provider: &Provider, within: u64) -> Leg {
    for _ in 0..within / 5 {
        bench.seconds(5);
        if let Some(invite) = bench.take_request(provider.ua.at, &Method::INVITE) {
            return Leg::called(&provider.ua, bench, invite);
        }
    }
    bench.fail("no test call")
}

#[test]
fn each_day_a_call_to_the_test_number_is_taken_back_as_soon_as_it_rings() {
    let mut bench = Bench::of(&tested(OFFICE));
    let provider = Provider::new(&mut bench);
    for _ in 0..2 {
        let ring = test_call(&mut bench, &provider, DAY + 1200);
        assert_eq!(ring.asked().uri.dialled().as_deref(), Some("+31207654321"));
        assert!(String::from_utf8_lossy(&ring.asked().body).contains("m=audio 9 RTP/AVP 8 0"));
        ring.ring(&mut bench);
        ring.expect_cancelled(&mut bench);
    }
    assert!(!bench.has_problem("help-not-proven", "provider"));
    assert_eq!(bench.over(), []);
}

#[test]
fn a_test_number_that_answers_at_once_is_hung_up_on() {
    let mut bench = Bench::of(&tested(OFFICE));
    let provider = Provider::new(&mut bench);
    let mut ring = test_call(&mut bench, &provider, 1200);
    ring.pick_up(&mut bench);
    ring.expect_bye(&mut bench);
    assert!(!bench.has_problem("help-not-proven", "provider"));
    assert_eq!(bench.over(), []);
}

#[test]
fn two_tests_that_fail_are_told_and_one_that_rings_solves_it() {
    let mut bench = Bench::of(&tested(OFFICE));
    let provider = Provider::new(&mut bench);
    test_call(&mut bench, &provider, 1200).refuse(&mut bench, 403);
    assert!(!bench.has_problem("help-not-proven", "provider"));
    test_call(&mut bench, &provider, 1800).refuse(&mut bench, 403);
    let told = bench.problems().into_iter().find(|problem| problem.code == "help-not-proven").unwrap();
    assert_eq!((&*told.subject, &*told.detail), ("provider", "403"));
    let ring = test_call(&mut bench, &provider, 1800);
    ring.ring(&mut bench);
    ring.expect_cancelled(&mut bench);
    assert!(!bench.has_problem("help-not-proven", "provider"));
}

/// The line that is kept of the proof, which a restart hands back.
#[test]
fn the_page_is_told_when_the_way_to_help_was_proven_also_after_a_restart() {
    let mut bench = Bench::of(&tested(OFFICE));
    let provider = Provider::new(&mut bench);
    bench.input(Input::Clock(TUESDAY));
    assert_eq!(bench.trunk("provider").help, HelpView { state: HelpTest::Planned, proven: None });
    let ring = test_call(&mut bench, &provider, 1200);
    assert_eq!(bench.trunk("provider").help.state, HelpTest::UnderWay);
    ring.ring(&mut bench);
    ring.expect_cancelled(&mut bench);
    let help = bench.trunk("provider").help;
    let proven = help.proven.unwrap();
    assert_eq!(help.state, HelpTest::Proven);
    assert!((TUESDAY.minutes() + 5..TUESDAY.minutes() + 20).contains(&proven), "{proven}");
    let mut after = Bench::of(&tested(OFFICE));
    after.input(Input::Kept(bench.kept.values().cloned().collect()));
    assert_eq!(after.trunk("provider").help, HelpView { state: HelpTest::Planned, proven: Some(proven) });
    let provider = Provider::new(&mut after);
    test_call(&mut after, &provider, 1200).refuse(&mut after, 403);
    assert_eq!(after.trunk("provider").help, HelpView { state: HelpTest::Failed, proven: Some(proven) });
}

#[test]
fn a_test_that_somebody_asks_for_is_made_at_once_and_not_again_within_five_minutes() {
    let mut bench = Bench::of(&tested(OFFICE));
    let provider = Provider::new(&mut bench);
    bench.seconds(5);
    let ask = |bench: &mut Bench| bench.command(Command::TestHelp { trunk: "provider".into() });
    ask(&mut bench);
    let ring = provider.ua.rung(&mut bench);
    assert_eq!(ring.asked().uri.dialled().as_deref(), Some("+31207654321"), "never 112");
    ring.ring(&mut bench);
    ring.expect_cancelled(&mut bench);
    for _ in 0..4 {
        bench.seconds(60);
        ask(&mut bench);
        bench.quiet();
    }
    bench.seconds(60);
    ask(&mut bench);
    let ring = provider.ua.rung(&mut bench);
    ring.ring(&mut bench);
    ring.expect_cancelled(&mut bench);
}

#[test]
fn without_a_test_number_nothing_is_dialled_whoever_asks() {
    let mut bench = Bench::new();
    bench.command(Command::TestHelp { trunk: "provider".into() });
    bench.command(Command::TestHelp { trunk: "nobody".into() });
    bench.seconds(60);
    assert_eq!(bench.trunk("provider").help.state, HelpTest::None);
    bench.over();
}

#[test]
fn a_test_call_is_taken_back_for_help_and_made_later() {
    let mut bench = Bench::of(&tested(OFFICE));
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let test = test_call(&mut bench, &provider, 1200);
    test.respond(&mut bench, 100, None);
    let draft = anna.invite_draft(&mut bench, "112");
    let mut call = Leg::calling(&anna, &mut bench, &draft);
    test.expect_cancelled(&mut bench);
    let mut ring = provider.ua.rung(&mut bench);
    assert_eq!(ring.asked().uri.dialled().as_deref(), Some("112"));
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    let next = test_call(&mut bench, &provider, 1800);
    next.ring(&mut bench);
    next.expect_cancelled(&mut bench);
}

#[test]
fn help_is_asked_for_again_where_the_provider_still_counts_the_test_that_was_taken_back() {
    let mut bench = Bench::of(&tested(&OFFICE.replace("register = true\n", "register = true\nchannels = 1\n")));
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let test = test_call(&mut bench, &provider, 1200);
    test.respond(&mut bench, 100, None);
    let draft = anna.invite_draft(&mut bench, "112");
    let call = Leg::calling(&anna, &mut bench, &draft);
    test.expect_cancelled(&mut bench);
    provider.ua.rung(&mut bench).refuse(&mut bench, 486);
    bench.seconds(1);
    let (mut call, mut helper) = bench.answered(call, &provider.ua);
    call.hang_up(&mut bench);
    helper.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn no_test_call_is_made_while_somebody_calls_for_help() {
    let mut bench = Bench::of(&tested(OFFICE));
    let provider = Provider::new(&mut bench);
    let anna = bench.phone("201");
    let draft = anna.invite_draft(&mut bench, "112");
    let mut call = Leg::calling(&anna, &mut bench, &draft);
    let mut ring = provider.ua.rung(&mut bench);
    ring.pick_up(&mut bench);
    call.expect(&mut bench, 200);
    call.ack(&mut bench);
    // A test would have come by now (the first story of this file), and no session was refreshed yet.
    bench.seconds(890);
    bench.quiet();
    ring.hang_up(&mut bench);
    call.expect_bye(&mut bench);
    test_call(&mut bench, &provider, 1800);
}

#[test]
fn without_a_test_number_nothing_is_called_and_without_a_provider_the_page_says_that_nobody_can_call_help() {
    let mut bench = Bench::of(OFFICE);
    Provider::new(&mut bench);
    bench.seconds(2 * DAY);
    assert!(!bench.has_problem("no-way-to-help", ""));
    bench.quiet();
    bench.settle(&OfficeText::without_trunks());
    assert!(bench.has_problem("no-way-to-help", ""));
    bench.settle(OFFICE);
    assert!(!bench.has_problem("no-way-to-help", ""));
}

#[test]
fn while_every_provider_is_lost_the_page_says_that_nobody_can_call_help() {
    let mut bench = Bench::switched_off(&OfficeText::with_second_trunk(), (10_000, 10_199));
    let (first, second) = Provider::two(&mut bench);
    first.registrar.borrow_mut().at_once = Some((403, String::new()));
    bench.find_interfaces();
    assert!(!bench.has_problem("no-way-to-help", ""));
    second.registrar.borrow_mut().silent = true;
    bench.seconds(120);
    assert!(bench.has_problem("no-way-to-help", ""));
    second.registrar.borrow_mut().silent = false;
    bench.seconds(120);
    assert!(!bench.has_problem("no-way-to-help", ""));
}

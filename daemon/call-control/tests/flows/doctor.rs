//! A router between the office and its provider that reads calls: found by what passes anyway, told on the page, taken back
//! when it was mended; and everything that looks like it and is not.

use std::cell::Cell;
use std::rc::Rc;

use centrale_call_control::view::{Severity, TrunkState};
use centrale_call_control::{Input, WayOut};
use centrale_rtp::relay::LegQuality;

use crate::bench::{Bench, Leg, OFFICE, OfficeText, PORTS, Provider, Ua};

const REWRITES: &str = "router-rewrites";
const MAY_REWRITE: &str = "router-may-rewrite";
/// The office as the internet sees it.
const OUTSIDE: &str = "198.51.100.77:25060";

/// An office that has just been switched on, and its provider.
fn office() -> (Bench, Provider) {
    let mut bench = Bench::switched_off(OFFICE, PORTS);
    let provider = Provider::new(&mut bench);
    (bench, provider)
}

/// A router that writes its own address wherever the box wrote the box's, and does not undo it in answers; for as long as
/// it is told to.
fn rewriting(bench: &mut Bench) -> Rc<Cell<bool>> {
    let reads_calls = Rc::new(Cell::new(true));
    let reads = Rc::clone(&reads_calls);
    let rewrite = |text: &str| text.replace("192.168.1.10:5060", OUTSIDE);
    bench.router = Some(Box::new(move |text| Some(if reads.get() { rewrite(text) } else { text.to_owned() })));
    reads_calls
}

/// A router that lets requests of these first words, within a call or not, vanish.
fn dropping(bench: &mut Bench, begins: &'static str, within: bool) {
    let is_within = |text: &str| text.lines().any(|line| line.starts_with("To: ") && line.contains(";tag="));
    let vanishes = move |text: &str| text.starts_with(begins) && is_within(text) == within;
    bench.router = Some(Box::new(move |text| (!vanishes(text)).then(|| text.to_owned())));
}

fn told(bench: &Bench) -> Vec<String> {
    let codes = bench.problems().into_iter().map(|problem| problem.code);
    codes.filter(|code| code.starts_with("router-")).collect()
}

#[track_caller]
fn talk(bench: &mut Bench, anna: &Ua, provider: &Provider) -> (Leg, Leg) {
    let call = anna.call(bench, "0612345678");
    bench.answered(call, &provider.ua)
}

#[test]
fn a_router_that_rewrites_is_named_within_one_registration() {
    let (mut bench, provider) = office();
    rewriting(&mut bench);
    bench.find_interfaces();
    assert_eq!(provider.registers(), 2, "once without credentials, once with");
    let problem = bench.problems().into_iter().find(|problem| problem.code == REWRITES).unwrap();
    assert_eq!((problem.subject.as_str(), problem.severity), ("provider", Severity::Warning));
    assert!(problem.detail.starts_with("SIP ALG: rewrites Via"), "{problem:?}");
    assert_eq!(told(&bench), [REWRITES], "it is told once");
    assert!(bench.exchange.counters().signs_of_rewriting >= 2);
    bench.over();
}

#[test]
fn damage_by_a_router_is_never_taken_for_an_attack() {
    let (mut bench, provider) = office();
    rewriting(&mut bench);
    bench.find_interfaces();
    let anna = bench.phone("201");
    for number in 0..30 {
        let call = anna.call(&mut bench, &format!("06123456{number:02}"));
        let (mut call, mut ring) = bench.answered(call, &provider.ua);
        // What the router made of a request within the call belongs to no call any more.
        let astray = ring.draft(&mut bench, "BYE").set("Call-ID", "changed@198.51.100.77");
        assert_eq!(provider.ua.ask(&mut bench, &astray).status.code(), 481);
        bench.seconds(1);
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
    }
    assert_eq!(bench.trunk("provider").state, TrunkState::Connected);
    assert!(bench.blocks.is_empty(), "{:?}", bench.blocks);
    assert!(!bench.has_problem("attempts-stopped", ""), "{:?}", bench.problems());
    bench.over();
}

#[test]
fn a_router_that_was_mended_is_forgiven_within_a_quarter_of_an_hour_and_not_at_once() {
    let (mut bench, _provider) = office();
    let reads_calls = rewriting(&mut bench);
    bench.find_interfaces();
    bench.seconds(3600);
    assert_eq!(told(&bench), [REWRITES], "it is still there");
    reads_calls.set(false);
    bench.seconds(60);
    assert_eq!(told(&bench), [REWRITES], "a minute proves nothing");
    bench.seconds(14 * 60);
    assert_eq!(told(&bench), [""; 0]);
    reads_calls.set(true);
    bench.seconds(60);
    assert_eq!(told(&bench), [REWRITES], "and told again when it comes back");
    bench.over();
}

#[test]
fn a_trunk_that_is_gone_or_is_another_takes_the_word_with_it() {
    let (mut bench, _provider) = office();
    rewriting(&mut bench);
    bench.find_interfaces();
    assert_eq!(told(&bench), [REWRITES]);
    bench.router = None;
    bench.settle(&OfficeText::without_trunks());
    assert_eq!(told(&bench), [""; 0]);
    bench.settle(OFFICE);
    assert_eq!(told(&bench), [""; 0]);
    bench.over();
}

#[test]
fn an_honest_router_is_not_accused_in_a_day_of_calls_even_when_it_changes_its_port() {
    let (mut bench, provider) = office();
    provider.registrar.borrow_mut().sees = Some(("198.51.100.77".into(), 25_060));
    bench.find_interfaces();
    for hour in 0..24 {
        let anna = bench.phone("201");
        let (mut call, mut ring) = talk(&mut bench, &anna, &provider);
        call.hang_up(&mut bench);
        ring.expect_bye(&mut bench);
        provider.registrar.borrow_mut().sees = Some(("198.51.100.77".into(), 25_060 + hour));
        bench.seconds(3600);
        assert_eq!(told(&bench), [""; 0]);
    }
    assert_eq!(bench.exchange.counters().signs_of_rewriting, 0);
    bench.over();
}

#[test]
fn a_hold_that_vanishes_is_suspected_within_one_call_and_forgotten_after_a_day() {
    let (mut bench, provider) = office();
    bench.find_interfaces();
    let anna = bench.phone("201");
    let (mut call, ring) = talk(&mut bench, &anna, &provider);
    dropping(&mut bench, "INVITE ", true);
    let hold = call.sdp.then("sendonly");
    call.reinvite(&mut bench, Some(&hold));
    bench.seconds(40);
    let problem = bench.problems().into_iter().find(|problem| problem.code == MAY_REWRITE).unwrap();
    assert_eq!((problem.subject.as_str(), problem.severity), ("provider", Severity::Warning));
    assert!(problem.detail.contains("drops requests within a call"), "{problem:?}");
    bench.input(Input::WayOut(WayOut { gateway: None, quotes: false }));
    bench.seconds(120);
    assert_eq!(told(&bench), [MAY_REWRITE], "no question is asked within a call, so that none takes it back");
    drop((call, ring));
    bench.router = None;
    bench.seconds(23 * 3600);
    assert_eq!(told(&bench), [MAY_REWRITE]);
    bench.seconds(2 * 3600);
    assert_eq!(told(&bench), [""; 0]);
}

#[test]
fn a_call_that_vanishes_beside_answered_questions_is_suspected_within_one_call() {
    let (mut bench, provider) = office();
    bench.find_interfaces();
    let anna = bench.phone("201");
    bench.seconds(60);
    dropping(&mut bench, "INVITE ", false);
    let _call = anna.call(&mut bench, "0612345678");
    bench.seconds(40);
    assert!(!provider.registrar.borrow().options.is_empty());
    assert_eq!(told(&bench), [MAY_REWRITE]);
}

#[test]
fn a_provider_that_falls_silent_altogether_is_not_the_routers_fault() {
    let (mut bench, provider) = office();
    bench.find_interfaces();
    let anna = bench.phone("201");
    bench.seconds(60);
    bench.lost.insert(provider.ua.at);
    let _call = anna.call(&mut bench, "0612345678");
    bench.seconds(300);
    bench.lost.clear();
    bench.seconds(300);
    assert_eq!(told(&bench), [""; 0]);
    assert_eq!(bench.exchange.counters().signs_of_rewriting, 0);
}

/// Calls that end well, but for what the media thread says of each side.
fn calls_that_end(bench: &mut Bench, provider: &Provider, number: usize, last_word: LegQuality) {
    let anna = bench.phone("201");
    bench.media.last_word = last_word;
    for _ in 0..number {
        let (mut call, mut ring) = talk(bench, &anna, provider);
        bench.seconds(60);
        call.hang_up(bench);
        ring.expect_bye(bench);
    }
}

#[test]
fn sound_that_stops_or_is_said_not_to_arrive_is_suspected_when_three_calls_have_it_and_not_before() {
    let heard = LegQuality { packets: 500, ..LegQuality::default() };
    let stops = LegQuality { fell_silent: true, ..heard };
    let unheard = LegQuality { hears_nothing: true, ..heard };
    for (last_word, deed) in [(stops, "forgets the connection"), (unheard, "stops sound on the way")] {
        let (mut bench, provider) = office();
        bench.find_interfaces();
        calls_that_end(&mut bench, &provider, 2, last_word);
        calls_that_end(&mut bench, &provider, 3, heard);
        assert_eq!(told(&bench), [""; 0], "two calls are chance");
        calls_that_end(&mut bench, &provider, 1, last_word);
        let problem = bench.problems().into_iter().find(|it| it.code == MAY_REWRITE && it.subject == "provider");
        let problem = problem.unwrap_or_else(|| panic!("{:?}", bench.problems()));
        assert!(problem.detail.contains(deed), "{problem:?}");
        bench.over();
    }
}

#[test]
fn a_registration_that_is_gone_at_the_provider_before_its_time_is_made_anew_and_after_three_times_suspected() {
    let (mut bench, provider) = office();
    bench.find_interfaces();
    bench.seconds(470);
    let (registered, asked) = (provider.registers(), provider.registrar.borrow().reads);
    provider.registrar.borrow_mut().forgets = true;
    bench.seconds(8);
    assert_eq!(provider.registrar.borrow().reads, asked + 1, "asked before it is refreshed");
    assert!(provider.registers() > registered, "and registered anew at once");
    assert_eq!(told(&bench), [""; 0]);
    bench.seconds(2 * 480);
    assert_eq!(told(&bench), [MAY_REWRITE]);
    provider.registrar.borrow_mut().forgets = false;
    bench.seconds(26 * 3600);
    assert_eq!(told(&bench), [""; 0], "and forgotten in a day");
    bench.over();
}

#[test]
fn b_11_a_provider_that_lists_what_it_has_is_asked_who_else_is_there_within_a_minute_and_one_that_does_not_once_a_day()
{
    for (tells_no_reader, reads) in [(false, 3 * 1_440..=3 * 1_920), (true, 3..=3)] {
        let (mut bench, provider) = office();
        provider.registrar.borrow_mut().tells_no_reader = tells_no_reader;
        bench.find_interfaces();
        bench.seconds(3 * 24 * 3600);
        let asked = provider.registrar.borrow().reads;
        assert!(reads.contains(&asked), "{asked}");
        assert_eq!((told(&bench), bench.exchange.counters().signs_of_rewriting), (Vec::new(), 0));
        assert!(provider.registers() < 3 * 2 * 181, "nothing is registered anew for it: {}", provider.registers());
        bench.over();
    }
}

#[test]
fn b_11_a_provider_that_refuses_to_say_who_is_there_is_asked_ever_more_seldom_until_it_answers() {
    for (more, most) in [("", 10), ("Retry-After: 36000\r\n", 3)] {
        let (mut bench, provider) = office();
        bench.find_interfaces();
        bench.seconds(3600);
        let reads = || provider.registrar.borrow().reads;
        let before = reads();
        assert!(before > 30, "{before}");
        provider.registrar.borrow_mut().refuses_readers = Some(more.to_owned());
        bench.seconds(24 * 3600);
        let refused = reads() - before;
        assert!((2..=most).contains(&refused), "{refused}");
        provider.registrar.borrow_mut().refuses_readers = None;
        bench.seconds(24 * 3600);
        let before = reads();
        bench.seconds(3600);
        assert!(reads() > before + 30, "it is asked as often as ever");
        bench.over();
    }
}

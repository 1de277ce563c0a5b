//! What people use: floods of very short calls are stopped, and what is far above the usual is told on the page.

use std::time::Duration;

use centrale_call_control::{Input, Outcome};
use centrale_guard::{Civil, Kept};

use crate::bench::{Bench, OFFICE, Provider, TUESDAY, Ua};

fn office() -> (Bench, Provider, Ua) {
    let office = OFFICE.replace("name = \"Anna\"\n", "name = \"Anna\"\npremium = true\ncalls = \"europe\"\n");
    let (mut bench, provider) = Bench::on_tuesday(&office);
    let anna = bench.phone("201");
    (bench, provider, anna)
}

/// A call that is answered and lasts so long, and the pause after it.
fn brief(bench: &mut Bench, anna: &Ua, provider: &Provider, dialled: &str, lasts: u64) {
    let call = anna.call(bench, dialled);
    let (mut call, mut ring) = bench.answered(call, &provider.ua);
    bench.advance(Duration::from_millis(lasts));
    call.hang_up(bench);
    ring.expect_bye(bench);
    bench.advance(Duration::from_secs(3));
}

#[test]
fn a_020_flash_calls_to_a_premium_number_are_stopped_by_the_sixth_and_the_page_tells_whose() {
    let (mut bench, provider, anna) = office();
    for _ in 0..5 {
        assert!(!bench.has_problem("use-flash-calls", "201"));
        brief(&mut bench, &anna, &provider, "09001234", 200);
    }
    assert!(bench.has_problem("use-flash-calls", "201"));
    let mut sixth = anna.call(&mut bench, "09005678");
    assert_eq!(sixth.expect(&mut bench, 403).reason, "Too Many Short Calls");
    let record = bench.records.last().unwrap();
    assert_eq!((record.outcome, record.reason), (Outcome::Blocked, Some("flash-calls")));
    brief(&mut bench, &anna, &provider, "0612345678", 200);
    bench.seconds(1_800);
    anna.register(&mut bench);
    bench.seconds(1_900);
    assert!(!bench.has_problem("use-flash-calls", "201"), "an hour later");
    anna.register(&mut bench);
    brief(&mut bench, &anna, &provider, "09001234", 2_000);
    bench.over();
}

#[test]
fn a_020_calls_that_are_given_up_at_once_count_and_a_busy_number_that_is_dialled_again_does_not() {
    let (mut bench, provider, anna) = office();
    for _ in 0..10 {
        let mut call = anna.call(&mut bench, "09001234");
        provider.ua.rung(&mut bench).refuse(&mut bench, 486);
        call.expect(&mut bench, 486);
        bench.seconds(2);
    }
    assert!(!bench.has_problem("use-flash-calls", "201"));
    for _ in 0..5 {
        let call = anna.call(&mut bench, "09001234");
        bench.given_up(call, &provider.ua);
        bench.seconds(2);
    }
    assert!(bench.has_problem("use-flash-calls", "201"));
    bench.over();
}

#[test]
fn a_018_a_day_far_above_the_usual_is_told_while_the_call_lasts_and_gone_the_next() {
    let (mut bench, provider, anna) = office();
    let days = (1..=28_u64).flat_map(|ago| {
        let (day, slot) = (20_781 - ago, (20_781 - ago) % 29);
        [("cost", 2_000), ("time", 120)].map(|(what, amount)| Kept {
            name: format!("used-{what}/201/{slot}"),
            window: day,
            amount,
        })
    });
    bench.input(Input::Kept(days.collect()));
    let call = anna.call(&mut bench, "004930123456");
    let (mut call, mut ring) = bench.answered(call, &provider.ua);
    bench.seconds(40);
    assert!(!bench.has_problem("use-far-above-usual", "201"), "a euro");
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    for _ in 0..2 {
        brief(&mut bench, &anna, &provider, "09001234", 30_000);
    }
    assert!(bench.has_problem("use-far-above-usual", "201"), "twenty cents are usual");
    bench.input(Input::Clock(Civil { day: TUESDAY.day + 1, ..TUESDAY }));
    bench.input(Input::Clock(Civil { day: TUESDAY.day + 1, minute: 900 }));
    assert!(!bench.has_problem("use-far-above-usual", "201"));
    bench.over();
}

#[test]
fn a_079_who_talked_six_hours_today_is_told_while_the_call_lasts_also_after_a_restart() {
    let (mut bench, provider, anna) = office();
    let slot = TUESDAY.day % 29;
    let talked = |(what, amount)| Kept { name: format!("used-{what}/201/{slot}"), window: TUESDAY.day.into(), amount };
    bench.input(Input::Kept([("cost", 2_000), ("time", 6 * 3_600 - 30)].map(talked).to_vec()));
    bench.input(Input::Clock(TUESDAY));
    assert!(!bench.has_problem("use-very-long", "201"));
    let call = anna.call(&mut bench, "0612345678");
    let (mut call, mut ring) = bench.answered(call, &provider.ua);
    bench.seconds(120);
    assert!(bench.has_problem("use-very-long", "201"));
    call.hang_up(&mut bench);
    ring.expect_bye(&mut bench);
    bench.over();
}

#[test]
fn a_fourth_call_to_directory_enquiries_in_a_day_is_refused_in_words() {
    let (mut bench, provider, anna) = office();
    for _ in 0..3 {
        brief(&mut bench, &anna, &provider, "1888", 10_000);
    }
    let mut fourth = anna.call(&mut bench, "1850");
    assert_eq!(fourth.expect(&mut bench, 403).reason, "Three Enquiries A Day");
    brief(&mut bench, &anna, &provider, "09001234", 10_000);
    bench.over();
}

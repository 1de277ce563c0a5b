//! Blocks of before a restart.

use std::sync::Arc;
use std::time::Duration;

use centrale_call_control::{Input, KeptBlock};
use centrale_config::{EXPECTED_FOR, Network, Office, Scanner, Settled};
use centrale_guard::Civil;
use centrale_guard::knock::Reason;
use centrale_numbering::Date;

use crate::bench::{Bench, OFFICE, OfficeText, Provider, TUESDAY};
use crate::knock::{ATTACKERS, attacker, recognise, try_ask, try_password};

#[test]
fn blocks_of_before_a_restart_go_on_but_for_the_provider_and_for_who_registers() {
    let mut bench = Bench::new();
    let provider = Provider::new(&mut bench);
    let ua = attacker(ATTACKERS[0], "201");
    let slandered = "203.0.113.67".parse().unwrap();
    let kept = |(source, reason, page)| KeptBlock { source, reason, page, lasts: Duration::from_secs(3_600) };
    let of_before = [
        (ua.at.ip(), Reason::HoneyPath, true),
        (slandered, Reason::Scanner, false),
        (provider.ua.at.ip(), Reason::Guessing, true),
    ];
    bench.input(Input::Blocked(of_before.map(kept).into()));
    let blocks: Vec<_> =
        bench.blocks.iter().map(|block| (block.source, block.port, block.trickles, block.page)).collect();
    assert_eq!(
        blocks,
        [(ua.at.ip(), None, true, true), (slandered, None, true, false)],
        "the page is as far as before"
    );
    let call = |bench: &mut Bench| {
        let draft = ua.invite_draft(bench, "202");
        try_ask(&ua, bench, &draft).map(|response| response.status.code())
    };
    assert_eq!(call(&mut bench), None);
    assert_eq!(try_password(&ua, &mut bench, "anna-secret-201"), Some(200));
    recognise(&mut bench, "201", "203.0.113.66");
    assert_eq!(call(&mut bench), Some(401), "a phone of the office is there");
}

#[test]
fn b_01_a_scanner_is_let_in_as_soon_as_the_clock_says_that_it_is_expected_or_its_first_day_comes() {
    let scan = |bench: &mut Bench| {
        let ua = attacker(ATTACKERS[0], "201");
        (0..20).for_each(|guess| _ = try_password(&ua, bench, &format!("guess {guess}")));
    };
    let named = |bench: &mut Bench, until: u32| {
        let network = Network::around(attacker(ATTACKERS[0], "201").at.ip(), 32);
        let mut office = Office::clone(&OfficeText::read(OFFICE).office);
        office.scanners = vec![Scanner { network, until: Date::from_days(until) }];
        bench.input(Input::Settled(Arc::new(Settled::new(2, Arc::new(office), Vec::new()))));
    };
    // Nobody knows yet which day it is.
    let mut bench = Bench::new();
    scan(&mut bench);
    named(&mut bench, TUESDAY.day + 3);
    assert!(bench.is_blocking());
    bench.input(Input::Clock(TUESDAY));
    assert!(!bench.is_blocking());
    // It is too early by one day.
    let mut bench = Bench::new();
    bench.input(Input::Clock(TUESDAY));
    scan(&mut bench);
    named(&mut bench, TUESDAY.day + EXPECTED_FOR);
    assert!(bench.is_blocking());
    bench.input(Input::Clock(Civil { day: TUESDAY.day + 1, ..TUESDAY }));
    assert!(!bench.is_blocking());
}

#[test]
fn no_block_of_before_a_restart_lasts_longer_than_a_week_though_the_clock_was_set_back() {
    let mut bench = Bench::new();
    let (source, week) = (attacker(ATTACKERS[0], "201").at.ip(), Duration::from_secs(7 * 24 * 3_600));
    bench.input(Input::Blocked(vec![KeptBlock { source, reason: Reason::Flood, page: false, lasts: 500 * week }]));
    assert_eq!(bench.blocks.iter().map(|block| block.lasts).collect::<Vec<_>>(), [week]);
}

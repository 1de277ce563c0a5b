//! Benign days: nobody of the office is locked out.

use std::time::Duration;

use centrale_guard::knock::{Answer, Failure, Kind, Knocker, Reason, Side, Standing, Verdict};
use proptest::prelude::*;

use crate::door::{self, Door, inside, knocker, outside};

/// A phone behind the office's one address. Its password is right, or one of last year.
struct Phone {
    flow: Knocker,
    account: String,
    stale: bool,
    tries: u64,
    registered: bool,
    /// When it tries next, seconds after the power came back.
    next: u64,
}

/// What a phone with an old password answers: a fresh nonce gives a fresh text, the repeated one the same text for ever.
fn answer(door: &Door, phone: &Phone) -> u64 {
    let name = 1_000 * u64::from(phone.flow.flow.port());
    if door.keeper.repeats_nonce(door.now, &phone.flow, &phone.account) { name } else { name + 1 + phone.tries }
}

fn storm(order: &[usize], stale: usize, at: fn(&str) -> Knocker) -> (usize, u64) {
    let mut door = Door::new();
    let mut phones: Vec<Phone> = order
        .iter()
        .enumerate()
        .map(|(place, number)| Phone {
            flow: at(&format!("198.51.100.7:{}", 10_000 + number)),
            account: format!("{}", 200 + number),
            stale: *number < stale,
            tries: 0,
            registered: false,
            next: place as u64 * 5 / 60,
        })
        .collect();
    let mut all_back = 0;
    for second in 0..600 {
        for phone in phones.iter_mut().filter(|phone| phone.next == second && !phone.registered) {
            // What is not answered is sent again within four seconds (Timer E), a refusal after half a minute.
            phone.next = second + 4;
            if door.register(&phone.flow, &phone.account).is_none() {
                continue;
            }
            let secret = answer(&door, phone);
            phone.tries += 1;
            if !phone.stale {
                phone.registered = door.prove(&phone.flow, &phone.account, secret);
            } else if door.guess(&phone.flow, &phone.account, secret) {
                phone.next = second + 30;
            }
            if phone.registered {
                all_back = second;
            }
        }
        door.wait(Duration::from_secs(1));
    }
    (phones.iter().filter(|phone| phone.registered).count(), all_back)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn after_a_power_cut_sixty_phones_behind_one_address_are_back_within_a_minute(
        order in Just((0..60).collect::<Vec<usize>>()).prop_shuffle(), stale in 3_usize..=6,
    ) {
        for at in [outside, inside] {
            let (back, second) = storm(&order, stale, at);
            prop_assert_eq!(back, 60 - stale);
            prop_assert!(second <= 60, "{} s", second);
        }
    }
}

#[test]
fn also_when_every_phone_with_an_old_password_comes_first() {
    let order: Vec<usize> = (0..60).collect();
    for at in [outside, inside] {
        let (back, second) = storm(&order, 6, at);
        assert_eq!(back, 54);
        assert!(second <= 120, "{second} s");
    }
}

#[test]
fn a_phone_with_an_old_password_that_tries_for_a_day_blocks_nobody_and_is_let_in_once_it_is_mended() {
    let (mut door, phone) = (Door::new(), inside("192.168.1.101:5060"));
    let other = inside("192.168.1.102:5060");
    for attempt in 0..2_880 {
        let repeats = door.keeper.repeats_nonce(door.now, &phone, "201");
        assert_eq!(repeats, attempt > 0);
        assert!(door.guess(&phone, "201", u64::from(repeats)), "attempt {attempt}");
        if attempt % 100 == 0 {
            assert!(door.prove(&other, "202", attempt));
        }
        door.wait(Duration::from_secs(30));
    }
    assert!(!door.keeper.is_under_attack(door.now, "201", Side::Office));
    assert!(door.prove(&phone, "201", 77));
}

#[test]
fn a_secret_that_the_account_had_before_is_no_guess_however_often_it_comes() {
    let (mut door, phone) = (Door::new(), outside("198.51.100.7:5060"));
    for attempt in 0..1_000 {
        door.wait(Duration::from_millis(100));
        assert_eq!(door.packet(&phone), Verdict::Pass);
        let answer = door::answer("201", attempt);
        assert_eq!(door.keeper.answered(door.now, &phone, &answer), Verdict::Pass);
        let verdict = door.keeper.failed(door.now, &phone, &answer, Failure::Old);
        assert_eq!(verdict, Verdict::Uniform(Reason::OldSecret));
    }
    assert_eq!(door.keeper.tally(door.now).attempts, 0);
}

#[test]
fn who_mistypes_a_password_four_times_is_in_at_the_fifth() {
    let (mut door, phone) = (Door::new(), inside("192.168.1.101:5060"));
    for typed in 0..4 {
        door.guess(&phone, "201", typed);
        door.wait(Duration::from_secs(20));
    }
    door.wait(Duration::from_secs(30));
    assert!(door.prove(&phone, "201", 5));
}

#[test]
fn beside_a_guesser_behind_the_same_address_the_phones_go_on() {
    let mut door = Door::new();
    let phone = knocker("198.51.100.7:5060", Side::Internet, Standing::Phone);
    let other = |port: u16| knocker(&format!("198.51.100.7:{port}"), Side::Internet, Standing::Neighbour);
    assert!(door.prove(&phone, "201", 1) && door.prove(&other(5_070), "202", 2));
    let mut judged = 0;
    for secret in 0..2_000_u16 {
        judged += usize::from(door.guess(&other(20_000 + secret), "203", u64::from(secret)));
        assert_eq!(door.packet(&phone), Verdict::Pass);
    }
    assert!(judged <= 3, "{judged}");
    assert_eq!(door.keeper.answered(door.now, &phone, &door::answer("201", 9)), Verdict::Pass);
    assert!(door.prove(&other(5_071), "202", 10), "another phone there that starts again");
}

#[test]
fn b_01_a_scanner_that_is_expected_is_blocked_for_nothing_and_guesses_no_more_than_others() {
    for side in [Side::Office, Side::Internet] {
        let mut door = Door::new();
        let scanner = |port: u16| knocker(&format!("198.51.100.7:{port}"), side, Standing::Expected);
        let tool = b"OPTIONS sip:100@1.1.1.1 SIP/2.0\r\nFrom: \"sipvicious\"<sip:100@1.1.1.1>;tag=1\r\nUser-Agent: friendly-scanner\r\n\r\n";
        let mut judged = 0;
        for round in 0..400_u16 {
            let who = scanner(20_000 + round);
            assert_eq!(door.keeper.packet(door.now, &who, tool), Verdict::Pass);
            let user = if round % 2 == 0 { "admin".to_owned() } else { (1_000 + round).to_string() };
            let called = format!("00468507802{round:03}");
            assert!(door.ask(&who, Kind::Register, &user).is_some());
            assert!(door.ask(&who, Kind::Invite(&called), "201").is_some());
            judged += usize::from(door.guess(&who, "203", round.into()));
            let path = format!("/admin/{round}.php");
            let told = door.keeper.tried_at_page(door.now, &who, Reason::HoneyPath, &path, false);
            assert_eq!(told, Verdict::Pass);
            door.wait(Duration::from_secs(10));
        }
        assert!(judged <= 5, "{judged}");
        assert_eq!(door.keeper.blocked().count(), 0);
    }
}

/// The answers of a tool look like those of no phone, or like a phone's.
#[test]
fn b_01_a_scanner_that_is_expected_sprays_no_account_into_an_attack_in_a_day() {
    for (side, is_unraised) in [Side::Office, Side::Internet].into_iter().flat_map(|side| [(side, false), (side, true)])
    {
        let (mut door, mut judged) = (Door::new(), 0);
        let who = knocker("198.51.100.7:5060", side, Standing::Expected);
        let accounts: Vec<String> = (200..300).map(|number: u32| number.to_string()).collect();
        for secret in 0..17_280_usize {
            let account = &accounts[secret % accounts.len()];
            let answer = Answer { is_unraised, ..door::answer(account, secret as u64) };
            door.wait(Duration::from_secs(5));
            assert_eq!(door.packet(&who), Verdict::Pass);
            assert!(door.ask(&who, Kind::Register, account).is_some());
            if door.keeper.answered(door.now, &who, &answer) != Verdict::Pass {
                continue;
            }
            judged += 1;
            let verdict = door.keeper.failed(door.now, &who, &answer, Failure::Wrong);
            assert!(!matches!(verdict, Verdict::BlockFlow(..) | Verdict::BlockSource(..)), "{verdict:?}");
            if is_unraised && side == Side::Internet {
                assert_eq!(verdict, Verdict::Tarpit(Reason::Guessing));
            }
        }
        assert!(judged <= 60, "{judged}, {side:?}, unraised: {is_unraised}");
        assert!(accounts.iter().all(|account| !door.keeper.is_watched(door.now, account)));
        assert_eq!(door.keeper.blocked().count(), 0);
    }
}

#[test]
fn a_phone_whose_registration_lapsed_is_challenged_and_proves_itself() {
    let (mut door, phone) = (Door::new(), outside("198.51.100.7:5060"));
    for call in 0..10_u64 {
        assert!(door.ask(&phone, Kind::Invite(&format!("020123450{call}")), "201").is_some());
        assert!(door.prove(&phone, "201", call));
        door.wait(Duration::from_secs(5));
    }
}

#[test]
fn two_who_dial_at_once_on_a_phone_whose_router_gave_it_another_port_are_challenged() {
    let (mut door, stranger) = (Door::new(), outside("203.0.113.9:5060"));
    let phone = |port: u16| knocker(&format!("198.51.100.7:{port}"), Side::Internet, Standing::Neighbour);
    assert!(door.prove(&phone(30_000), "201", 1));
    door.wait(Duration::from_secs(60));
    let calls = |door: &mut Door, who: &Knocker, called| door.ask(who, Kind::Invite(called), "201").is_some();
    for called in ["203", "205"] {
        assert!(calls(&mut door, &phone(30_001), called), "{called}");
    }
    assert!(door.prove(&phone(30_001), "201", 2));
    // Of whom nobody ever proved anything, and of more at once, none is believed.
    assert!(calls(&mut door, &stranger, "203") && !calls(&mut door, &stranger, "205"));
    let many = ["203", "205", "207"].map(|called| calls(&mut door, &phone(30_002), called));
    assert_eq!(many, [true, true, false]);
}

#[test]
fn a_sick_phone_that_dials_many_numbers_is_not_taken_for_a_fraudster() {
    let (mut door, phone) = (Door::new(), inside("192.168.1.101:5060"));
    for call in 0..10 {
        assert!(door.ask(&phone, Kind::Invite(&format!("020123450{call}")), "201").is_some());
        let repeats = door.keeper.repeats_nonce(door.now, &phone, "201");
        assert!(door.guess(&phone, "201", u64::from(repeats)));
        door.wait(Duration::from_secs(20));
    }
}

//! What attackers reach: threats by their usual names (enumeration, guessing, spraying, toll fraud, lock-out).

use std::time::Duration;

use centrale_guard::knock::{Answer, Failure, Kind, Knocker, Reason, Side, Standing, Verdict, thresholds};

use crate::door::{Door, answer, inside, knocker, one_of, outside};

const BOTH: [&str; 2] = ["203.0.113.9:5060", "192.168.1.66:5060"];

const SCANNER: &[u8] = b"OPTIONS sip:100@box SIP/2.0\r\nFrom: <sip:100@1.1.1.1>;tag=1\r\n\r\n";

fn from_both() -> [Knocker; 2] {
    [outside(BOTH[0]), inside(BOTH[1])]
}

#[test]
fn a_scanner_is_blocked_at_its_first_packet_and_for_a_day_only_when_it_is_really_there() {
    for who in from_both() {
        for (is_really_there, lasts) in [(false, thresholds::BLOCK_UNPROVEN_PATH), (true, thresholds::BLOCK_CERTAIN)] {
            let (mut door, who) = (Door::new(), Knocker { is_really_there, ..who });
            let verdict = door.keeper.packet(door.now, &who, SCANNER);
            assert_eq!(verdict, Verdict::BlockSource(Reason::Scanner, lasts));
            door.wait(lasts - Duration::from_secs(1));
            assert_eq!(door.packet(&who), Verdict::Silence(Reason::Blocked));
            door.wait(Duration::from_secs(1));
            assert_eq!(door.packet(&who), Verdict::Pass, "blocks expire");
        }
    }
}

#[test]
fn a_flood_of_scanners_packets_with_made_up_senders_blocks_no_more_than_the_box_looks_at() {
    let mut door = Door::new();
    let mut verdicts = (0..20_000).map(|number| door.keeper.packet(door.now, &one_of(number * 256), SCANNER));
    let blocked = verdicts.by_ref().filter(|verdict| matches!(verdict, Verdict::BlockSource(..))).count();
    assert_eq!(blocked, thresholds::RATE_OF_BOX.1 as usize);
}

#[test]
fn guessing_at_full_speed_has_three_secrets_judged_from_the_office_as_from_the_internet() {
    for who in from_both() {
        let mut door = Door::new();
        let judged = (0..1_000).filter(|secret| door.guess(&who, "201", *secret)).count();
        assert_eq!(judged, 3);
        assert_eq!(door.packet(&who), Verdict::Silence(Reason::Blocked));
    }
}

#[test]
fn guessing_once_in_a_while_ends_at_five_and_the_next_block_is_longer() {
    let (mut door, who) = (Door::new(), outside(BOTH[0]));
    let mut judged = 0;
    for secret in 0..10 {
        judged += usize::from(door.guess(&who, "201", secret));
        door.wait(Duration::from_secs(31));
    }
    assert_eq!(judged, 5);
    door.wait(thresholds::BLOCK);
    let again = (100..200).filter(|secret| door.guess(&who, "202", *secret)).count();
    assert_eq!(again, 3);
    door.wait(thresholds::BLOCK * 4 - Duration::from_secs(1));
    assert_eq!(door.packet(&who), Verdict::Silence(Reason::Blocked));
}

#[test]
fn whoever_sends_in_the_name_of_a_phones_address_shuts_no_port_of_it_for_longer_than_an_hour() {
    let mut door = Door::new();
    for port in 1_024..1_424 {
        let who = knocker(&format!("198.51.100.7:{port}"), Side::Internet, Standing::Neighbour);
        match door.keeper.packet(door.now, &who, SCANNER) {
            Verdict::BlockFlow(Reason::Scanner, lasts) => {
                assert!(lasts <= thresholds::LONGEST_BLOCK_OF_PORT, "{lasts:?}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_thousand_addresses_together_have_ten_secrets_of_an_account_judged_a_day() {
    let mut door = Door::new();
    let home = outside("198.51.100.7:5060");
    assert!(door.prove(&home, "201", 1));
    let mut judged = 0;
    for guess in 0..2_800_u32 {
        judged += usize::from(door.guess(&one_of(guess % 1_000 * 256), "201", 1_000 + u64::from(guess)));
        door.wait(Duration::from_secs(30));
    }
    assert!(judged <= thresholds::SECRETS_OF_ACCOUNT, "{judged}");
    assert!(door.keeper.is_under_attack(door.now, "201", Side::Internet));
    assert!(door.prove(&home, "201", 2), "the user in place is not locked out");
    assert!(door.prove(&inside("192.168.1.101:5060"), "201", 3), "nor in the office");
    assert!(!door.prove(&outside("198.51.100.8:5060"), "201", 4), "a device that was never there has to wait");
}

/// One guess from each of so many networks, each at another account; how many were judged.
fn besiege(door: &mut Door, networks: u32) -> usize {
    let guesses = (0..networks).filter(|number| {
        let account = (300 + number % 300).to_string();
        door.wait(Duration::from_secs(60));
        door.guess(&one_of(number * 256), &account, u64::from(*number))
    });
    guesses.count()
}

#[test]
fn while_many_networks_guess_only_known_devices_are_judged_from_the_internet_and_help_is_heard() {
    let (mut door, home, new) = (Door::new(), outside("198.51.100.7:5060"), outside("192.0.2.8:5060"));
    assert!(door.prove(&home, "201", 1));
    assert_eq!(besiege(&mut door, 200), thresholds::BESIEGED_BY);
    assert!(door.keeper.is_besieged(door.now));
    assert!(!door.prove(&new, "201", 2), "a device that was never there has to wait");
    assert!(door.prove(&home, "201", 3), "one that was there does not");
    assert!(door.prove_with(&new, &Answer { is_bound: true, ..answer("202", 4) }), "nor one that somebody confirmed");
    assert!(door.prove_with(&new, &Answer { is_for_help: true, ..answer("203", 5) }), "nor who calls for help");
    assert!(door.prove(&inside("192.168.1.101:5060"), "204", 6), "nor anybody in the office");
    door.wait(2 * thresholds::SIEGE);
    assert!(!door.keeper.is_besieged(door.now));
    assert!(door.prove(&outside("192.0.2.9:5060"), "201", 7), "and it ends");
}

#[test]
fn home_workers_with_old_passwords_and_devices_that_mistype_are_no_siege() {
    let mut door = Door::new();
    for number in 0..100_u32 {
        let (who, account) = (one_of(number * 256), (200 + number).to_string());
        let bound = Answer { is_bound: true, ..answer(&account, u64::from(number)) };
        let old = answer(&account, u64::from(number));
        let failure = [Failure::Old, Failure::Wrong][number as usize % 2];
        door.keeper.failed(door.now, &who, [&old, &bound][number as usize % 2], failure);
    }
    assert_eq!(besiege(&mut door, 11), 11);
    assert!(!door.keeper.is_besieged(door.now));
}

#[test]
fn one_tunnel_of_ipv6_is_no_siege_however_many_of_its_networks_guess() {
    let guesses = |holdings: u32| {
        let mut door = Door::new();
        for number in 0..256_u32 {
            door.wait(Duration::from_secs(10));
            let source = format!("[2001:db8:{:x}:{:x}::1]:5060", number % holdings, number << 8);
            door.guess(&outside(&source), &(300 + number).to_string(), number.into());
        }
        door.keeper.is_besieged(door.now)
    };
    assert!(!guesses(1), "256 networks of one holder");
    assert!(guesses(64), "and of 64");
}

#[test]
fn spraying_ends_after_four_accounts_from_the_internet_and_six_from_the_office() {
    for (who, most) in from_both().into_iter().zip([thresholds::SPRAYED_FROM_INTERNET, thresholds::SECRETS_OF_SOURCE]) {
        let mut door = Door::new();
        let judged = (200..500).filter(|user: &u64| door.guess(&who, &user.to_string(), *user)).count();
        assert_eq!(judged, most);
        for round in 0..thresholds::SPRAYS_BEFORE_BLOCK {
            door.wait(thresholds::WAIT);
            let later = (500..600).filter(|user: &u64| door.guess(&who, &format!("{user}{round}"), *user)).count();
            assert_eq!(later, 1);
        }
        assert_eq!(door.packet(&who), Verdict::Silence(Reason::Blocked));
    }
}

/// How many secrets are judged of somebody who tries so many at each of a hundred accounts, at full speed.
fn judged_over_accounts(door: &mut Door, who: &Knocker, each: u64) -> usize {
    let guesses = (300..400_u64).flat_map(|account| (0..each).map(move |guess| (account, guess)));
    guesses.filter(|(account, guess)| door.guess(who, &account.to_string(), 1_000 * account + guess)).count()
}

#[test]
fn b_05_one_source_has_six_secrets_judged_over_all_accounts_or_a_seventh_where_the_sixth_may_be_the_fifth_again() {
    for (who, each) in from_both().into_iter().flat_map(|who| [1, 2, 3, 5].map(|each| (who, each))) {
        let mut door = Door::new();
        let judged = judged_over_accounts(&mut door, &who, each);
        assert!(judged <= thresholds::SECRETS_OF_SOURCE + 1, "{judged} at full speed, {each} at each account, {who:?}");
        assert!(each == 2 || judged <= thresholds::SECRETS_OF_SOURCE, "{judged}, {each} at each account");
        let mut in_a_day = judged;
        for round in 0..2_880 {
            door.wait(Duration::from_secs(30));
            in_a_day += usize::from(door.guess(&who, &(400 + round % 200).to_string(), 1_000_000 + round));
        }
        assert!(in_a_day <= 30, "{in_a_day} in a day");
    }
}

#[test]
fn b_05_who_has_an_account_of_the_own_has_no_more_secrets_judged_than_phones_with_old_passwords_would_send() {
    let (mut door, thief) = (Door::new(), knocker("192.168.1.66:5060", Side::Office, Standing::Phone));
    assert!(door.prove(&thief, "210", 1));
    let judged = judged_over_accounts(&mut door, &thief, 3);
    assert!(judged <= thresholds::SECRETS_OF_STALE * thresholds::SPRAYED_FROM_OFFICE, "{judged}");
}

#[test]
fn b_05_who_mistypes_for_one_phone_after_the_other_at_one_address_of_the_office_puts_them_all_in() {
    let (mut door, desk) = (Door::new(), inside("192.168.1.101:5060"));
    for phone in 201..211_u64 {
        for typed in 0..4 {
            door.guess(&desk, &phone.to_string(), 10 * phone + typed);
            door.wait(Duration::from_secs(20));
        }
        door.wait(thresholds::WAIT);
        assert!(door.prove(&desk, &phone.to_string(), 10 * phone + 9), "{phone}");
    }
}

/// A gateway that puts its own address in the place of everybody's makes every guesser a provider.
#[test]
fn b_36_who_guesses_from_a_providers_address_is_never_blocked_and_judged_as_seldom_as_anybody() {
    for at in BOTH {
        let side = if at == BOTH[1] { Side::Office } else { Side::Internet };
        let gateway = knocker(at, side, Standing::Trusted);
        let mut door = Door::new();
        let at_one = (0..1_000).filter(|guess| door.guess(&gateway, "201", *guess)).count();
        assert!(at_one <= thresholds::SECRETS_BEFORE_WAIT, "{at_one} judged at full speed");
        let mut in_a_day = at_one;
        for guess in 0..8_600_u64 {
            door.wait(Duration::from_secs(10));
            in_a_day += usize::from(door.guess(&gateway, "201", 5_000 + guess));
            assert_eq!(door.packet(&gateway), Verdict::Pass, "what the provider sends comes in");
            let invite = door.keeper.asked(door.now, &gateway, Kind::Invite("0046850780291"), "anonymous");
            assert_eq!(invite, Verdict::Uniform(Reason::Unproven));
        }
        assert!(in_a_day <= thresholds::SECRETS_OF_ACCOUNT, "{in_a_day} judged in a day");
        assert!(door.keeper.is_watched(door.now, "201"));
        assert!(judged_over_accounts(&mut door, &gateway, 3) <= thresholds::SECRETS_OF_SOURCE);
        door.wait(2 * thresholds::WINDOW);
        assert!(door.prove(&gateway, "202", 7), "and a phone behind it is let in");
        assert!(door.keeper.tally(door.now).attempts > 0 && door.keeper.tally(door.now).blocks == 0);
    }
}

#[test]
fn b_36_who_sprays_from_a_providers_address_for_a_day_watches_no_account_and_a_phone_there_gets_in_within_the_hour() {
    for side in [Side::Office, Side::Internet] {
        let (mut door, gateway) = (Door::new(), knocker(BOTH[0], side, Standing::Trusted));
        let accounts: Vec<String> = (200..240).map(|number: u32| number.to_string()).collect();
        let mut judged = 0;
        for guess in 0..17_280_usize {
            door.wait(Duration::from_secs(5));
            judged += usize::from(door.guess(&gateway, &accounts[guess % accounts.len()], guess as u64));
            assert_eq!(door.packet(&gateway), Verdict::Pass, "what the provider sends comes in");
            for kind in [Kind::Invite("020123450"), Kind::Help] {
                let call = door.keeper.asked(door.now, &gateway, kind, "anonymous");
                assert_eq!(call, Verdict::Uniform(Reason::Unproven));
            }
        }
        assert!(judged <= 100, "{judged}");
        assert!(accounts.iter().all(|account| !door.keeper.is_watched(door.now, account)));
        door.wait(thresholds::LONGEST_WAIT);
        assert!(door.prove(&gateway, "202", 7));
        assert!(door.prove(&gateway, "203", 8), "and the next at once");
    }
}

#[test]
fn b_36_who_asks_for_users_from_a_providers_address_is_told_of_and_answered_as_ever() {
    let (mut door, gateway) = (Door::new(), knocker(BOTH[0], Side::Internet, Standing::Trusted));
    let answers: Vec<_> = (100..110).map(|user: u32| door.register(&gateway, &user.to_string()).unwrap()).collect();
    assert_eq!(answers[0], Verdict::Uniform(Reason::Unproven));
    assert_eq!(answers[1], Verdict::Tarpit(Reason::Enumeration));
    assert!(door.ask(&gateway, Kind::Other("OPTIONS"), "ping").is_some(), "what a provider asks is no sign");
    assert_eq!(door.keeper.asked(door.now, &gateway, Kind::Help, "201"), Verdict::Uniform(Reason::Unproven));
}

#[test]
fn who_asks_for_users_that_no_office_has_is_blocked_at_the_second() {
    let (mut door, who) = (Door::new(), outside(BOTH[0]));
    assert!(door.register(&who, "1437045239").is_some());
    assert!(door.register(&who, "1437045239").is_some(), "a typing error is one user, repeated");
    assert!(door.register(&who, "100").is_none());
    assert_eq!(door.packet(&who), Verdict::Silence(Reason::Blocked));
    let (mut door, who) = (Door::new(), inside(BOTH[1]));
    assert!(door.register(&who, "100").is_some() && door.register(&who, "admin").is_none());
}

#[test]
fn numbers_that_an_office_could_have_are_asked_for_in_vain_alike_and_not_for_ever() {
    let (mut door, who) = (Door::new(), outside(BOTH[0]));
    let mut answers = Vec::new();
    for user in 200..700 {
        answers.push(door.register(&who, &user.to_string()));
        door.wait(Duration::from_millis(500));
    }
    let answered = answers.iter().take_while(|answer| answer.is_some()).count();
    assert!(answered < 30, "{answered}");
    assert!(answers[..answered].iter().all(|answer| *answer == Some(Verdict::Uniform(Reason::Unproven))));
    assert!(answers[answered..].iter().all(Option::is_none));
}

#[test]
fn calls_without_proof_are_challenged_once_and_then_not_answered() {
    let invites = ["00442071838750", "9011442071838750", "810442071838750"];
    let (mut door, who) = (Door::new(), outside(BOTH[0]));
    let answered = invites.iter().filter(|dialled| door.ask(&who, Kind::Invite(dialled), "201").is_some()).count();
    assert_eq!(answered, 1);
    let mut door = Door::new();
    assert!(door.ask(&inside(BOTH[1]), Kind::Invite("00046850780291"), "201").is_none(), "a number that probes");
}

#[test]
fn who_is_kept_apart_dials_as_long_as_it_likes_and_probes_other_accounts_no_longer_than_a_stranger() {
    let stranger = outside(BOTH[0]);
    let apart = Knocker { is_apart: true, ..stranger };
    let heard = |who: &Knocker, asks: &dyn Fn(&mut Door, &Knocker, u32) -> bool| {
        let mut door = Door::new();
        let each = (200..300).filter(|number| {
            door.wait(Duration::from_secs(1));
            asks(&mut door, who, *number)
        });
        each.count()
    };
    let dials = |door: &mut Door, who: &Knocker, number| {
        door.ask(who, Kind::Invite(&format!("0044207183{number:04}")), "201").is_some()
    };
    let probes =
        |door: &mut Door, who: &Knocker, number: u32| door.ask(who, Kind::Register, &number.to_string()).is_some();
    assert_eq!(heard(&apart, &dials), 100);
    assert!(heard(&stranger, &dials) < 100);
    assert_eq!(heard(&apart, &probes), heard(&stranger, &probes));
}

#[test]
fn a_call_for_help_is_challenged_whatever_came_before() {
    let (mut door, who) = (Door::new(), outside(BOTH[0]));
    for _ in 0..20 {
        let verdict = door.keeper.asked(door.now, &who, Kind::Help, "201");
        assert_eq!(verdict, Verdict::Uniform(Reason::Unproven));
    }
}

#[test]
fn whoever_is_unknown_on_the_internet_hears_nothing_unless_it_registers_or_calls() {
    let mut door = Door::new();
    assert!(door.ask(&outside(BOTH[0]), Kind::Other("OPTIONS"), "201").is_none());
    assert!(door.ask(&inside(BOTH[1]), Kind::Other("OPTIONS"), "201").is_some());
    let neighbour = knocker(BOTH[0], Side::Internet, Standing::Neighbour);
    assert!(door.ask(&neighbour, Kind::Other("SUBSCRIBE"), "201").is_some());
}

#[test]
fn who_tries_methods_is_blocked() {
    let (mut door, who) = (Door::new(), inside(BOTH[1]));
    let methods = ["OPTIONS", "SUBSCRIBE", "PUBLISH", "MESSAGE", "NOTIFY", "INFO"];
    let answered = methods.iter().filter(|method| door.ask(&who, Kind::Other(method), "").is_some()).count();
    assert_eq!(answered, thresholds::METHODS - 1);
}

#[test]
fn a_flood_is_thinned_out_and_then_blocked() {
    let (mut door, who) = (Door::new(), outside(BOTH[0]));
    let passed = (0..2_000).filter(|_| door.packet(&who) == Verdict::Pass).count();
    assert_eq!(passed, 60);
    door.wait(Duration::from_secs(5));
    assert_eq!(door.packet(&who), Verdict::Silence(Reason::Blocked));
}

#[test]
fn b_32_many_in_the_office_who_each_send_as_much_as_one_may_leave_the_processor_to_its_phones() {
    let mut door = Door::new();
    let phone = knocker("192.168.1.10:5060", Side::Office, Standing::Phone);
    let many = |host: usize| inside(&format!("192.168.2.{}:5060", host % 256));
    let passed = (0..256 * 199).filter(|host| door.packet(&many(*host)) == Verdict::Pass).count();
    assert_eq!(passed, thresholds::RATE_OF_NEWCOMERS.1 as usize);
    assert_eq!(door.packet(&phone), Verdict::Pass);
    door.wait(Duration::from_secs(1));
    assert!(door.prove(&inside("192.168.1.11:5060"), "203", 2), "a phone that is new is heard again");
}

#[test]
fn a_flood_from_beside_a_phone_costs_its_own_port_and_no_other_one_there() {
    let mut door = Door::new();
    let phone = knocker("198.51.100.7:5060", Side::Internet, Standing::Phone);
    let beside = |port: u16| knocker(&format!("198.51.100.7:{port}"), Side::Internet, Standing::Neighbour);
    let passed = (0..10_000).filter(|_| door.packet(&beside(9_999)) == Verdict::Pass).count();
    assert_eq!(passed, thresholds::RATE_OF_NEIGHBOUR.1 as usize);
    door.wait(Duration::from_secs(60));
    assert_eq!(door.packet(&beside(9_999)), Verdict::Silence(Reason::Blocked));
    assert!(door.prove(&beside(5_061), "202", 1), "another phone behind the same router boots");
    let many = (0..60_000).filter(|port| door.packet(&beside(1_024 + port)) == Verdict::Pass).count();
    assert!(many <= thresholds::RATE_OF_NEIGHBOURS.1 as usize, "from one port after the other: {many}");
    assert_eq!(door.packet(&phone), Verdict::Pass);
    door.wait(Duration::from_secs(1));
    assert!(door.prove(&beside(5_062), "203", 2));
}

#[test]
fn who_proves_a_password_with_each_call_beside_a_phone_may_make_many() {
    let mut door = Door::new();
    let dialler = knocker("198.51.100.7:9999", Side::Internet, Standing::Neighbour);
    // A thousand calls at fifty a second, of six packets each.
    for call in 0..1_000 {
        for _ in 0..6 {
            assert_eq!(door.packet(&dialler), Verdict::Pass, "of call {call}");
        }
        assert!(door.prove(&dialler, "202", call));
        door.wait(Duration::from_millis(20));
    }
}

#[test]
fn a_network_of_attackers_is_slow_and_not_silent() {
    let mut door = Door::new();
    for host in 0..8 {
        let who = outside(&format!("203.0.113.{host}:5060"));
        (0..20).for_each(|secret| _ = door.guess(&who, "201", secret));
    }
    door.wait(Duration::from_secs(60));
    let passed =
        (100..200).filter(|host| !door.packet(&outside(&format!("203.0.113.{host}:5060"))).is_silent()).count();
    assert_eq!(passed, 20);
    assert_eq!(door.packet(&outside("203.0.114.1:5060")), Verdict::Pass);
}

/// Ten wrong secrets of 201 in all, each from another address.
fn tried_elsewhere(door: &mut Door) {
    for number in 0..5 {
        door.guess(&one_of(number * 256), "201", u64::from(number));
        door.guess(&inside(&format!("192.168.1.{}:5060", 200 + number)), "201", 100 + u64::from(number));
        door.wait(Duration::from_secs(60));
    }
    for number in 5..30 {
        door.guess(&one_of(number * 256), "201", u64::from(number));
        door.guess(&inside(&format!("192.168.1.{}:5060", 200 + number)), "201", 100 + u64::from(number));
    }
    assert!(door.keeper.is_watched(door.now, "201"));
}

#[test]
fn a_right_secret_of_a_known_phone_does_not_wait_because_others_guess_even_where_a_wrong_one_came_before() {
    for home in [outside("198.51.100.7:5060"), inside("192.168.1.101:5060")] {
        let mut door = Door::new();
        assert!(door.prove(&home, "201", 1_000));
        tried_elsewhere(&mut door);
        assert!(door.prove(&home, "201", 1_001), "at once");
        assert!(door.guess(&home, "201", 1_002), "somebody types it wrongly");
        door.wait(Duration::from_secs(5));
        assert!(door.prove(&home, "201", 1_003), "and then rightly");
        for typed in 0..4 {
            door.guess(&home, "201", 2_000 + typed);
            door.wait(Duration::from_secs(20));
        }
        door.wait(thresholds::WAIT);
        assert!(door.prove(&home, "201", 3_000), "who mistypes four times is in at the fifth");
    }
}

#[test]
fn over_all_sources_twenty_secrets_of_an_account_are_judged_a_day_whoever_guesses() {
    let mut door = Door::new();
    let home = outside("198.51.100.7:5060");
    let beside = |port: u16| knocker(&format!("198.51.100.7:{port}"), Side::Internet, Standing::Neighbour);
    assert!(door.prove(&home, "201", 1_000_000));
    let mut judged = 0;
    for guess in 0..2_800_u32 {
        let secret = 1_000 * u64::from(guess);
        judged += usize::from(door.guess(&one_of(guess % 1_000 * 256), "201", secret));
        let inside = inside(&format!("192.168.{}.{}:5060", guess % 7, guess % 250));
        judged += usize::from(door.guess(&inside, "201", secret + 1));
        // Behind the router of the phone, which registers anew meanwhile, from one port after the other.
        door.keeper.proved(door.now, &Knocker { standing: Standing::Phone, ..home }, "201");
        judged += usize::from(door.guess(&beside(10_000 + guess as u16), "201", secret + 2));
        // In its network, and under the name of its program.
        let like_it = outside(&format!("198.51.100.{}:5060", 8 + guess % 200));
        let answer = Answer { is_bound: true, ..answer("201", secret + 3) };
        if !door.packet(&like_it).is_silent() && door.keeper.answered(door.now, &like_it, &answer) == Verdict::Pass {
            door.keeper.failed(door.now, &like_it, &answer, Failure::Wrong);
            judged += 1;
        }
        door.wait(Duration::from_secs(30));
    }
    assert!(judged <= 20, "{judged}");
    let phone = Knocker { standing: Standing::Phone, ..home };
    let own = Answer { is_own: true, ..answer("201", 9) };
    assert_eq!(door.keeper.answered(door.now, &phone, &own), Verdict::Pass);
}

#[test]
fn who_has_an_account_of_the_office_guesses_no_more_at_others_than_who_has_none() {
    for side in [Side::Office, Side::Internet] {
        let (mut door, thief) = (Door::new(), knocker("192.0.2.66:5060", side, Standing::Phone));
        assert!(door.prove(&thief, "210", 1));
        let at_one = (0..1_000).filter(|guess| door.guess(&thief, "201", 10 + guess)).count();
        assert!(at_one <= thresholds::SECRETS_BEFORE_WAIT, "{at_one} judged at full speed");
        let own = Answer { is_own: true, ..answer("210", 2) };
        assert!(door.prove_with(&thief, &own), "and the phone goes on with its own account");
        // Somebody beside it guesses at that.
        let beside = knocker("192.0.2.66:40000", side, Standing::Neighbour);
        (0..10).for_each(|guess| _ = door.guess(&beside, "210", 100 + guess));
        assert!(door.prove_with(&thief, &own), "and whatever is guessed at its account beside it");
        let mut in_a_day = at_one;
        for guess in 0..8_600_u64 {
            door.wait(Duration::from_secs(10));
            in_a_day += usize::from(door.guess(&thief, "201", 5_000 + guess));
        }
        assert!(in_a_day <= thresholds::SECRETS_OF_ACCOUNT, "{in_a_day} judged in a day");
        let (mut door, mut of_all) = (Door::new(), 0);
        assert!(door.prove(&thief, "210", 1));
        for account in 300..600_u64 {
            of_all += usize::from(door.guess(&thief, &account.to_string(), account));
        }
        assert!(of_all <= thresholds::SPRAYED_FROM_OFFICE, "{of_all} accounts tried at full speed");
    }
}

#[test]
fn calls_for_help_have_no_more_secrets_of_an_account_judged_a_day_than_log_ins_and_who_is_at_home_is_known_without() {
    let mut door = Door::new();
    let home = outside("198.51.100.7:5060");
    assert!(door.prove(&home, "201", 1_000_000));
    let mut judged = 0;
    for guess in 0..2_800_u32 {
        let (anywhere, secret) = (one_of(guess % 1_000 * 256), 1_000 * u64::from(guess));
        let like_it = outside(&format!("203.0.113.{}:5060", guess % 200));
        for (who, is_bound, is_for_help) in
            [(&anywhere, false, true), (&anywhere, false, false), (&like_it, true, true), (&like_it, true, false)]
        {
            let secret = secret + u64::from(is_bound) * 2 + u64::from(is_for_help);
            let answer = Answer { is_bound, is_for_help, ..answer("201", secret) };
            if !door.packet(who).is_silent() && door.keeper.answered(door.now, who, &answer) == Verdict::Pass {
                door.keeper.failed(door.now, who, &answer, Failure::Wrong);
                judged += 1;
            }
        }
        door.wait(Duration::from_secs(30));
    }
    assert!(judged <= 20, "{judged}");
    let help = Answer { is_for_help: true, ..answer("201", 9) };
    assert!(door.prove_with(&home, &help), "where it is known and nobody failed it is judged");
    let (like_it, stranger) = (outside("203.0.113.250:5060"), outside("192.0.2.8:5060"));
    assert_eq!(door.keeper.answered(door.now, &like_it, &help), Verdict::Tarpit(Reason::Distributed));
    assert!(door.keeper.is_at_home(door.now, &like_it, &Answer { is_bound: true, ..help }));
    assert!(door.keeper.is_at_home(door.now, &home, &help) && !door.keeper.is_at_home(door.now, &stranger, &help));
}

#[test]
fn where_an_account_is_known_and_nobody_failed_it_is_judged_whatever_others_did_where_it_is_known_too() {
    let mut door = Door::new();
    let (home, branch) = (outside("198.51.100.7:5060"), outside("203.0.113.7:5060"));
    assert!(door.prove(&home, "201", 1) && door.prove(&branch, "201", 2));
    for secret in 0..100 {
        let port = 10_000 + secret as u16;
        door.guess(&knocker(&format!("203.0.113.7:{port}"), Side::Internet, Standing::Neighbour), "201", 100 + secret);
        door.wait(Duration::from_secs(60));
    }
    assert!(door.prove(&home, "201", 3));
}

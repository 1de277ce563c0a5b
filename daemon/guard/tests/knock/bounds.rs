//! Whatever comes: memory stays bounded, and who may not be blocked is not.

use std::time::Duration;

use centrale_guard::knock::{Answer, Failure, Kind, Knocker, Reason, Side, Standing, Verdict, thresholds};
use proptest::prelude::*;

use crate::door::{self, Door, knocker, one_of, outside};

/// The most that is remembered, by the caps.
const MOST: usize =
    thresholds::SUBNETS * thresholds::SOURCES_IN_SUBNET + thresholds::OFFICE_SUBNETS * thresholds::SOURCES_IN_OFFICE;

/// Whoever somebody may be.
const STANDINGS: [Standing; 5] =
    [Standing::Stranger, Standing::Expected, Standing::Neighbour, Standing::Phone, Standing::Trusted];

#[test]
fn a_flood_from_more_sources_than_there_is_room_for_leaves_memory_and_a_block_elsewhere_as_they_are() {
    let mut door = Door::new();
    let attacker = outside("203.0.113.9:5060");
    (0..20).for_each(|secret| _ = door.guess(&attacker, "201", secret));
    for number in 0..200_000_u32 {
        let who = one_of(number.wrapping_mul(2_654_435_761) >> 8);
        door.packet(&who);
        door.keeper.asked(door.now, &who, Kind::Register, "1234567");
        if number % 100 == 0 {
            assert!(door.packet(&attacker).is_silent(), "after {number} others");
            door.wait(Duration::from_millis(1));
        }
    }
    let (sources, _) = door.keeper.remembered();
    assert!(sources <= MOST, "{sources}");
}

#[test]
fn a_block_of_who_goes_on_is_not_forgotten_for_more_networks_than_there_is_room_for() {
    let mut door = Door::new();
    let attacker = outside("203.0.113.9:5060");
    (0..20).for_each(|secret| _ = door.guess(&attacker, "201", secret));
    for number in 0..4 * u32::try_from(thresholds::SUBNETS).unwrap() {
        // Slowly, so that none is dropped for what all send together.
        door.wait(Duration::from_millis(5));
        assert_eq!(door.packet(&one_of(number << 8)), Verdict::Pass);
        if number % 100 == 0 {
            assert_eq!(door.packet(&attacker), Verdict::Silence(Reason::Blocked), "after {number} others");
        }
    }
}

#[test]
fn a_shorter_block_that_comes_later_ends_no_longer_one() {
    let (mut door, attacker) = (Door::new(), outside("203.0.113.9:5060"));
    let first = door.keeper.tried_at_page(door.now, &attacker, Reason::HoneyPath, "/a.php", false);
    assert_eq!(first, Verdict::BlockSource(Reason::HoneyPath, thresholds::BLOCK_CERTAIN));
    door.wait(Duration::from_secs(3_600));
    let later = door.keeper.tried_at_page(door.now, &attacker, Reason::PageGuessing, "", false);
    let rest = thresholds::BLOCK_CERTAIN - Duration::from_secs(3_600);
    assert_eq!(later, Verdict::BlockSource(Reason::PageGuessing, rest));
    door.wait(rest - Duration::from_secs(1));
    assert_eq!(door.packet(&attacker), Verdict::Silence(Reason::Blocked));
}

#[derive(Debug, Clone)]
enum Step {
    Packet(bool),
    Asked(u8, u16),
    Answer { account: u16, secret: u8, right: bool, old: bool },
    Wait(u32),
}

fn step() -> impl Strategy<Value = (u8, u8, Step)> {
    let step = prop_oneof![
        any::<bool>().prop_map(Step::Packet),
        (any::<u8>(), any::<u16>()).prop_map(|(kind, user)| Step::Asked(kind, user)),
        (any::<u16>(), any::<u8>(), prop::bool::weighted(0.1), prop::bool::weighted(0.1))
            .prop_map(|(account, secret, right, old)| Step::Answer { account: account % 300, secret, right, old }),
        (0_u32..100_000).prop_map(Step::Wait),
    ];
    (any::<u8>(), any::<u8>(), step)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_provider_and_a_registered_phone_are_never_blocked_and_their_address_never_as_a_whole(
        steps in prop::collection::vec(step(), 1..400),
    ) {
        let mut door = Door::new();
        for (host, standing, step) in steps {
            let standing = STANDINGS[usize::from(standing) % STANDINGS.len()];
            let side = if host % 2 == 0 { Side::Office } else { Side::Internet };
            let who = knocker(&format!("198.51.{}.{host}:{}", host % 3, 5_060 + u16::from(host) % 5), side, standing);
            let verdicts = take(&mut door, &who, &step);
            for verdict in verdicts {
                let (flow, source) = (matches!(verdict, Verdict::BlockFlow(..)), matches!(verdict, Verdict::BlockSource(..)));
                match standing {
                    Standing::Trusted | Standing::Phone => prop_assert!(!verdict.is_silent() || flow, "{verdict:?}"),
                    Standing::Neighbour => prop_assert!(!source, "{verdict:?}"),
                    Standing::Expected => prop_assert!(!flow && !source, "{verdict:?}"),
                    Standing::Stranger => {}
                }
                if matches!(standing, Standing::Trusted | Standing::Phone) {
                    prop_assert!(!flow && !source, "{verdict:?}");
                }
                if let Verdict::BlockFlow(_, lasts) | Verdict::BlockSource(_, lasts) = verdict {
                    prop_assert!(lasts <= thresholds::LONGEST_BLOCK);
                }
            }
            let (sources, accounts) = door.keeper.remembered();
            prop_assert!(sources <= MOST && accounts <= thresholds::ACCOUNTS);
        }
    }

    /// Ten places on either side where the account proves itself now and then, and guesses from everywhere, also from there and by
    /// devices that look like its own.
    #[test]
    fn b_07_in_whatever_order_they_come_no_more_than_twenty_secrets_of_an_account_are_judged_a_day_over_all_sources_homes_included(
        steps in prop::collection::vec((0_u8..14, any::<bool>(), any::<bool>(), prop::bool::weighted(0.1), 0_u32..600), 1..600),
    ) {
        const HOMES: u8 = 10;
        let (mut door, mut judged) = (Door::new(), Vec::new());
        for (at, (host, inside, is_bound, proves, seconds)) in (0_u64..).zip(steps) {
            let (side, network) = if inside { (Side::Office, "192.168.1") } else { (Side::Internet, "203.0.113") };
            // Wherever the account is at home nobody is blocked as a whole, and each guess comes from another port; some of them
            // are a colleague's phone's.
            let at_home = if at % 3 == 0 { Standing::Phone } else { Standing::Neighbour };
            let standing = if host < HOMES { at_home } else { Standing::Stranger };
            let (net, port) = (if inside { network.to_owned() } else { format!("11.{host}.{}", at % 200) }, 1_024 + at % 60_000);
            let flow = if host < HOMES { format!("{network}.{host}:{port}") } else { format!("{net}.{host}:{port}") };
            let (who, answer) = (knocker(&flow, side, standing), Answer { is_bound, ..door::answer("201", at) });
            door.wait(Duration::from_secs(seconds.into()));
            if proves && host < HOMES {
                door.keeper.proved(door.now, &who, "201");
            } else if is_judged(&mut door, &who, &answer) {
                judged.push(door.now);
            }
        }
        for first in &judged {
            let within = |at: &&std::time::Instant| **at >= *first && at.saturating_duration_since(*first) < thresholds::ACCOUNT_WINDOW;
            let in_a_day = judged.iter().filter(within).count();
            prop_assert!(in_a_day <= 20, "{in_a_day}");
        }
    }
}

/// Whether a wrong answer was looked at.
fn is_judged(door: &mut Door, who: &Knocker, answer: &Answer<'_>) -> bool {
    if door.packet(who).is_silent() || door.keeper.answered(door.now, who, answer) != Verdict::Pass {
        return false;
    }
    door.keeper.failed(door.now, who, answer, Failure::Wrong);
    true
}

fn take(door: &mut Door, who: &Knocker, step: &Step) -> Vec<Verdict> {
    let now = door.now;
    match step {
        Step::Packet(false) => vec![door.packet(who)],
        Step::Packet(true) => {
            vec![door.keeper.packet(now, who, b"OPTIONS sip:1 SIP/2.0\r\nFrom: <sip:1@1.1.1.1>\r\n\r\n")]
        }
        Step::Asked(kind, user) => {
            let (user, dialled) = (user.to_string(), format!("00{user}46850780299"));
            let kind =
                [Kind::Register, Kind::Invite(&dialled), Kind::Help, Kind::Other("OPTIONS")][usize::from(kind % 4)];
            vec![door.keeper.asked(now, who, kind, &user)]
        }
        Step::Answer { account, secret, right, old } => {
            let account = (200 + account).to_string();
            let answer = door::answer(&account, u64::from(*secret));
            let first = door.keeper.answered(now, who, &answer);
            if first != Verdict::Pass {
                return vec![first];
            }
            if *right {
                door.keeper.proved(now, who, &account);
                return vec![first];
            }
            let failure = if *old { Failure::Old } else { Failure::Wrong };
            vec![door.keeper.failed(now, who, &answer, failure)]
        }
        Step::Wait(millis) => {
            door.wait(Duration::from_millis(u64::from(*millis)));
            Vec::new()
        }
    }
}

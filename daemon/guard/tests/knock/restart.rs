//! Blocks of before a restart.

use std::time::Duration;

use centrale_guard::knock::{Kind, Reason, Side, Standing, Verdict, thresholds};

use crate::door::{Door, knocker, outside};

const HOUR: Duration = Duration::from_secs(3_600);

#[test]
fn a_block_of_before_a_restart_goes_on_for_all_but_a_register() {
    let mut door = Door::new();
    let bad = outside("203.0.113.66:5060");
    door.keeper.restore(door.now, &bad, HOUR);
    let invite = b"INVITE sip:0031201234567@box SIP/2.0\r\n\r\n";
    assert_eq!(door.keeper.packet(door.now, &bad, invite), Verdict::Silence(Reason::Blocked));
    assert_eq!(door.register(&bad, "201"), Some(Verdict::Uniform(Reason::Unproven)));
    door.wait(HOUR);
    assert_eq!(door.keeper.packet(door.now, &bad, invite), Verdict::Pass);
}

#[test]
fn who_registers_from_an_address_that_was_blocked_before_a_restart_is_let_in() {
    let mut door = Door::new();
    let phone = outside("203.0.113.66:5060");
    door.keeper.restore(door.now, &phone, HOUR);
    assert!(door.register(&phone, "201").is_some() && door.prove(&phone, "201", 7));
    door.keeper.lift(phone.source());
    assert_eq!(door.keeper.packet(door.now, &phone, b"INVITE sip:202@box SIP/2.0\r\n\r\n"), Verdict::Pass);
}

#[test]
fn who_goes_on_after_a_restart_is_blocked_for_longer_and_altogether() {
    let mut door = Door::new();
    let bad = outside("203.0.113.66:5060");
    door.keeper.restore(door.now, &bad, HOUR);
    let judged = (0..50).filter(|secret| door.guess(&bad, "201", *secret)).count();
    assert_eq!(judged, 3, "three secrets, as of anybody");
    assert_eq!(door.register(&bad, "201"), None, "also what registers is not heard any more");
    door.wait(thresholds::BLOCK + HOUR);
    assert_eq!(door.register(&bad, "201"), None, "four times as long as a first block");
    door.wait(3 * HOUR);
    assert!(door.ask(&bad, Kind::Register, "201").is_some());
}

#[test]
fn who_goes_on_at_the_page_after_a_restart_is_blocked_for_longer_and_who_is_of_the_office_not_at_all() {
    let mut door = Door::new();
    let bad = outside("203.0.113.66:443");
    door.keeper.restore(door.now, &bad, HOUR);
    let again = door.keeper.tried_at_page(door.now, &bad, Reason::HoneyPath, "/recordings", false);
    assert_eq!(again, Verdict::BlockSource(Reason::HoneyPath, 4 * thresholds::BLOCK_CERTAIN));
    let phone = knocker("203.0.113.67:443", Side::Internet, Standing::Neighbour);
    door.keeper.restore(door.now, &phone, HOUR);
    let told = door.keeper.tried_at_page(door.now, &phone, Reason::HoneyPath, "/recordings", false);
    assert_eq!(told, Verdict::Uniform(Reason::HoneyPath));
}

#[test]
fn no_block_is_restored_for_longer_than_a_block_lasts() {
    let mut door = Door::new();
    let bad = outside("203.0.113.66:5060");
    door.keeper.restore(door.now, &bad, Duration::from_secs(u64::from(u32::MAX)));
    door.wait(thresholds::LONGEST_BLOCK);
    assert_eq!(door.keeper.packet(door.now, &bad, b"OPTIONS sip:box SIP/2.0\r\n\r\n"), Verdict::Pass);
}

#[test]
fn every_reason_is_found_by_its_code() {
    assert!(Reason::ALL.iter().all(|reason| Reason::of_code(reason.code()) == Some(*reason)));
    assert_eq!(Reason::of_code("of another version"), None);
}

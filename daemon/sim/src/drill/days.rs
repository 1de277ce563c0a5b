//! Benign days, by the numbers of the catalogue: each must stay quiet.

use std::time::Duration;

use super::street::{Background, Street, character};

const MINUTE: Duration = Duration::from_secs(60);

/// One day.
#[derive(Debug, Clone, Copy)]
pub struct Day {
    /// Its number in the catalogue.
    pub code: &'static str,
    /// What happens, in a few words.
    pub what: &'static str,
    /// When.
    pub background: Background,
    /// How many people the office has.
    pub people: u16,
    /// Plays it, in full length or for a moment; what went wrong.
    pub play: fn(&mut Street, bool) -> Vec<String>,
}

/// Those that the simulation carries.
pub const DAYS: &[Day] = &[
    day("B1", "a busy office", Background::BusyDay, 60, busy),
    day("B2", "the power comes back", Background::PowerCut, 60, power_cut),
    day("B3", "a password mistyped four times", Background::BusyDay, 10, mistypes),
    day("B5", "a phone swapped", Background::BusyDay, 10, swapped),
    day("B6", "a call centre", Background::BusyDay, 20, call_centre),
    day("B7", "first calls to Germany, the United States, Turkey and India", Background::BusyDay, 10, export),
    day("B13", "fifteen of staff redial one number forty times", Background::BusyDay, 20, contest),
    day("B14", "an alarm calls at three in the morning", Background::QuietNight, 10, alarm),
];

const fn day(
    code: &'static str,
    what: &'static str,
    background: Background,
    people: u16,
    play: fn(&mut Street, bool) -> Vec<String>,
) -> Day {
    Day { code, what, background, people, play }
}

/// Calls that come and go, between colleagues and to the world.
pub(super) fn chatter(street: &mut Street, calls: u16) {
    for number in 0..calls {
        let people = u16::try_from(street.phones().count()).unwrap_or(1);
        let who = street.phone(number % people);
        let dialled =
            if number % 2 == 0 { (201 + (number * 7 + 3) % people).to_string() } else { format!("0201234{number:03}") };
        street.plan(
            Duration::from_secs(6) * u32::from(number),
            who,
            &dialled,
            Duration::from_secs(20 + u64::from(number % 60)),
        );
    }
}

fn busy(street: &mut Street, full: bool) -> Vec<String> {
    let calls = if full { 600 } else { 60 };
    chatter(street, calls);
    street.advance(Duration::from_secs(6) * u32::from(calls) + 2 * MINUTE);
    Vec::new()
}

fn power_cut(street: &mut Street, _: bool) -> Vec<String> {
    street.reboot_phones();
    street.advance(MINUTE);
    let (there, all) = street.registered(Background::PowerCut);
    (there < all).then(|| format!("{there} of {all} phones are back after a minute")).into_iter().collect()
}

fn mistypes(street: &mut Street, _: bool) -> Vec<String> {
    let node = street.add_address(([192, 168, 1, 240], 5060).into());
    for typed in 0..4 {
        street.guess(node, "203", &format!("typed-{typed}"));
        street.advance(Duration::from_secs(20));
    }
    street.advance(MINUTE);
    comes_in(street, node, "203")
}

fn swapped(street: &mut Street, _: bool) -> Vec<String> {
    let node = street.add_address(([192, 168, 1, 241], 5060).into());
    comes_in(street, node, "203")
}

/// Whether a device with the right password is in at once.
fn comes_in(street: &mut Street, node: crate::network::Node, user: &str) -> Vec<String> {
    let right = character(user, user, 300).password;
    let status = street.guess(node, user, &right);
    (status != Some(200)).then(|| format!("the right password was told {status:?}")).into_iter().collect()
}

fn call_centre(street: &mut Street, full: bool) -> Vec<String> {
    let calls = if full { 1_200 } else { 60 };
    for number in 0..calls {
        let lasts = Duration::from_secs(if number % 2 == 0 { 3 } else { 25 });
        street.plan(
            Duration::from_secs(2) * u32::from(number),
            street.phone(number % 20),
            &format!("0201234{:03}", number % 1_000),
            lasts,
        );
    }
    street.advance(Duration::from_secs(2) * u32::from(calls) + 2 * MINUTE);
    Vec::new()
}

fn export(street: &mut Street, _: bool) -> Vec<String> {
    for (number, dialled) in (0..).zip(["004930123456", "0012125551234", "00902121234567", "00911123456789"]) {
        street.plan(MINUTE * u32::from(number), street.phone(number), dialled, MINUTE);
    }
    street.advance(10 * MINUTE);
    Vec::new()
}

fn contest(street: &mut Street, full: bool) -> Vec<String> {
    for round in 0..if full { 40 } else { 6_u32 } {
        for person in 0..15 {
            street.plan(Duration::from_secs(15) * round, street.phone(person), "0201234777", Duration::from_secs(2));
        }
    }
    street.advance(12 * MINUTE);
    Vec::new()
}

fn alarm(street: &mut Street, _: bool) -> Vec<String> {
    for number in 0..6 {
        street.plan(MINUTE * number, street.phone(0), "0612012340", Duration::from_secs(30));
    }
    street.advance(10 * MINUTE);
    Vec::new()
}

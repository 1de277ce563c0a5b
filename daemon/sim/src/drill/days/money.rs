//! Days on which an office spends more than others, and wants to.

use std::time::Duration;

use centrale_call_control::Command;
use centrale_guard::{Cap, Proof};

use super::{HOUR, MINUTE};
use crate::drill::street::Street;

/// Who is called, by the people of the office one after the other; the seventh may call Latvia.
const FIRST: [&str; 8] = [
    "004930123456",
    "0012125551234",
    "00902121234567",
    "00911123456789",
    "00212612345678",
    "008621123456789",
    "0037167123456",
    "005978123456",
];
/// Somebody hears half a minute before that a call ends: so long talks who hangs up in time.
const TEN_MINUTES: Duration = Duration::from_secs(590);

/// On a Tuesday, without a price list: each at the price of the plan.
pub(super) fn export(street: &mut Street, _: bool) -> Vec<String> {
    for (number, dialled) in (0..).zip(FIRST) {
        street.plan(3 * MINUTE * u32::from(number), street.phone(number), dialled, MINUTE);
    }
    street.advance(30 * MINUTE);
    let is_short = |dialled: &&&str| longest(street, dialled) < Duration::from_secs(40);
    FIRST.iter().filter(is_short).map(|dialled| format!("{dialled} was not reached")).collect()
}

/// Somebody who may raised the caps for the day, as the page lets an owner do it.
pub(super) fn export_at_length(street: &mut Street, full: bool) -> Vec<String> {
    let mut wrong = export(street, full);
    for (cap, to_cents) in [(Cap::NewCountry, 1_500), (Cap::Person, 2_000), (Cap::Day, 10_000)] {
        raise(street, cap, to_cents);
    }
    for (number, dialled) in (0..).zip(FIRST) {
        street.plan(40 * MINUTE * u32::from(number), street.phone(number), dialled, TEN_MINUTES);
    }
    street.advance(6 * HOUR);
    // It rings for some seconds first.
    let is_short = |dialled: &&&str| longest(street, dialled) + Duration::from_secs(10) < TEN_MINUTES;
    wrong.extend(FIRST.iter().filter(is_short).map(|dialled| format!("{dialled} for {:?}", longest(street, dialled))));
    wrong
}

/// Each call would end a second before ten minutes: who hears that hangs up, and dials anew.
pub(super) fn customer_line(street: &mut Street, _: bool) -> Vec<String> {
    for (cap, to_cents) in [(Cap::Person, 6_000), (Cap::Hour, 6_000), (Cap::Day, 10_000)] {
        raise(street, cap, to_cents);
    }
    let caller = street.phone(5);
    for _ in 0..5 {
        street.call(caller, "09001234", TEN_MINUTES);
        street.advance(10 * MINUTE + Duration::from_secs(20));
    }
    street.advance(2 * MINUTE);
    let of_line = street.answered().filter(|(dialled, _)| dialled.ends_with("9001234")).map(|(_, lasted)| lasted);
    let (calls, talked) = of_line.fold((0, Duration::ZERO), |(calls, sum), lasted| (calls + 1, sum + lasted));
    let is_cut = calls < 5 || talked < 45 * MINUTE;
    is_cut.then(|| format!("{calls} calls of 5, {talked:?}")).into_iter().collect()
}

fn raise(street: &mut Street, cap: Cap, to_cents: u32) {
    street.command(Command::Raise { cap, to_cents, hours: 24, proof: Proof::SecondFactor });
}

/// How long the longest call there was.
fn longest(street: &Street, dialled: &str) -> Duration {
    let end = dialled.trim_start_matches('0');
    street.answered().filter(|(called, _)| called.ends_with(end)).map(|(_, lasted)| lasted).max().unwrap_or_default()
}

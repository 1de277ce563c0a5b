//! Somebody types a number, at a phone that is locked or not: what is dialled at once, what waits for the green key, and what
//! a locked phone refuses.

use std::time::{Duration, Instant};

use super::{DeskPhone, Maker, Wake};

/// How long it rings at the other end before who called gives up.
const PATIENCE: Duration = Duration::from_secs(30);
/// Yealink's time between two digits when its settings do not say, seconds.
const BETWEEN_DIGITS: u64 = 4;

/// What a locked Yealink dials when its settings do not say.
pub(super) const EMERGENCY_FROM_THE_FACTORY: &str = "911,110";

impl DeskPhone {
    /// Somebody locks its keys, or unlocks them. It stays so through a power cut.
    pub const fn lock(&mut self, locked: bool) {
        self.locked = locked;
    }

    /// Somebody types digits, one after the other. Whether it dialled by itself, before the last of them or with it.
    pub fn type_digits(&mut self, now: Instant, digits: &str) -> bool {
        for digit in digits.chars() {
            self.typed.push(digit);
            self.forget(&Wake::Typed);
            if self.sends_at_once(&self.typed) && self.send_typed(now) {
                return true;
            }
        }
        if let Some(wait) = self.sends_after() {
            self.wake(now + wait, Wake::Typed);
        }
        false
    }

    /// Somebody presses the green key, or waited long enough. Whether it dials what was typed: a locked phone dials
    /// emergency numbers alone.
    pub fn send_typed(&mut self, now: Instant) -> bool {
        self.forget(&Wake::Typed);
        let number = std::mem::take(&mut self.typed);
        if number.is_empty() || self.locked && !self.dials_locked(&number) {
            self.note("is locked");
            return false;
        }
        self.dial(now, 0, &number, PATIENCE);
        true
    }

    /// Whether its settings let a locked phone dial a number.
    fn dials_locked(&self, number: &str) -> bool {
        let listed = match self.profile.maker {
            // Both have a list from the factory without the numbers of this country.
            Maker::Yealink => self.store.value_or("phone_setting.emergency.number", EMERGENCY_FROM_THE_FACTORY),
            Maker::Snom => self.store.value_or("keyboard_lock_emergency", "911 110 999"),
            Maker::Linphone => "",
        };
        listed.split([',', ' ']).any(|known| known == number)
    }

    /// Whether a number is dialled as soon as it stands there.
    fn sends_at_once(&self, number: &str) -> bool {
        match self.profile.maker {
            Maker::Yealink => {
                let rule = |at: u8| self.store.value(&format!("dialplan.dialnow.rule.{at}"));
                let delay = self.store.value_or("phone_setting.dialnow_delay", "1");
                delay == "0" && (1..=20).map(rule).any(|rule| !rule.is_empty() && fits(rule, number))
            }
            Maker::Snom => at_once(self.store.value("user_dp_str#1")).any(|known| known == number),
            Maker::Linphone => false,
        }
    }

    /// How long it waits for another digit before it dials.
    fn sends_after(&self) -> Option<Duration> {
        let seconds = self.store.number("phone_setting.inter_digit_time").unwrap_or(BETWEEN_DIGITS);
        (self.profile.maker == Maker::Yealink && seconds > 0).then(|| Duration::from_secs(seconds))
    }
}

/// Whether a number fits a rule of Yealink's: `x` is any digit, `.` any rest.
fn fits(rule: &str, number: &str) -> bool {
    let mut digits = number.chars();
    for sign in rule.chars() {
        match (sign, digits.next()) {
            ('.', Some(_)) => return true,
            ('x', Some(digit)) if digit.is_ascii_digit() => {}
            (sign, Some(digit)) if sign == digit => {}
            _ => return false,
        }
    }
    digits.next().is_none()
}

/// The numbers that a Snom's rule (`!^(112|100)$!sip:\1@\d!d`) dials without waiting. Other patterns dial none.
fn at_once(rule: &str) -> impl Iterator<Item = &str> {
    let parts: Vec<&str> = rule.split('!').collect();
    let pattern = match *parts.as_slice() {
        ["", pattern, _, flags] if flags.contains('d') => pattern,
        _ => "",
    };
    let inside = pattern.strip_prefix("^(").and_then(|rest| rest.strip_suffix(")$")).unwrap_or_default();
    inside.split('|').filter(|number| !number.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_fits_whole_numbers_only() {
        for (rule, number, expected) in [
            ("112", "112", true),
            ("112", "11", false),
            ("112", "1120", false),
            ("1xx", "100", true),
            ("1xx", "1a0", false),
            ("0.", "0201", true),
            ("0.", "0", false),
        ] {
            assert_eq!(fits(rule, number), expected, "{rule} {number}");
        }
    }

    #[test]
    fn a_snoms_rule_names_what_goes_without_waiting() {
        let numbers = |rule| at_once(rule).collect::<Vec<_>>();
        assert_eq!(numbers("!^(112|100|101)$!sip:\\1@\\d!d"), ["112", "100", "101"]);
        assert_eq!(numbers("!^(112)$!sip:\\1@\\d!"), [""; 0], "it waits without the d");
        assert_eq!(numbers(""), [""; 0]);
    }
}

//! The office's civil time, as far as money asks for it.

use std::time::Duration;

use centrale_config::Date;

/// Minutes of a day.
const DAY: u64 = 24 * 60;

/// A minute in the office's time zone. The default is the first minute of 1970: a box that does not know the time holds it
/// for night.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Civil {
    /// Days since 1 January 1970.
    pub day: u32,
    /// Minutes since midnight, 0 to 1439.
    pub minute: u16,
}

/// The first day that a clock which was set can say; before, it is 1970, and nobody knows which day it is.
const FIRST_KNOWN: u32 = 365;

impl Civil {
    /// Whether a clock that says that day was ever set.
    pub const fn is_known(day: u32) -> bool {
        day >= FIRST_KNOWN
    }

    /// So much later, where no clock is changed meanwhile.
    pub fn after(self, passed: Duration) -> Self {
        let minutes = self.minutes().saturating_add(passed.as_secs() / 60);
        Self::from_minutes(minutes)
    }

    /// Minutes since 1970 began.
    pub fn minutes(self) -> u64 {
        u64::from(self.day) * DAY + u64::from(self.minute)
    }

    /// The inverse of [`Civil::minutes`].
    pub fn from_minutes(minutes: u64) -> Self {
        let day = u32::try_from(minutes / DAY).unwrap_or(u32::MAX);
        Self { day, minute: u16::try_from(minutes % DAY).unwrap_or(0) }
    }

    /// The first minute of that day.
    pub(crate) const fn midnight(day: u32) -> Self {
        Self { day, minute: 0 }
    }

    /// The time since `earlier` by the clock on the wall; none when that is later.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.minutes().saturating_sub(earlier.minutes()) * 60)
    }

    /// The month, counted from January 1970.
    pub(crate) fn month(self) -> u32 {
        Date::from_days(self.day).months()
    }

    /// The first day of that month.
    pub(crate) fn first_of_month(self) -> u32 {
        Date::from_days(self.day).first_of_month().days()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: u32, hour: u16) -> Civil {
        Civil { day, minute: hour * 60 }
    }

    /// 27 November 2026, a Friday.
    const FRIDAY: u32 = 20_784;

    #[test]
    fn time_goes_on_over_midnight() {
        assert_eq!(at(FRIDAY, 23).after(Duration::from_secs(2 * 3_600)), at(FRIDAY + 1, 1));
    }
}

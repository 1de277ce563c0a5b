//! The office's civil time, as far as money asks for it: which day, whether it is night, whether it is a weekend.

use std::time::Duration;

use centrale_config::Date;

/// When the office is left to its machines, and when people come back: minutes of the day.
const EVENING: u16 = 18 * 60;
const MORNING: u16 = 8 * 60;
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

impl Civil {
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

    /// The first minute of the evening of that day, when a night or a weekend begins.
    pub(crate) const fn evening(day: u32) -> Self {
        Self { day, minute: EVENING }
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

    /// The night that it is in, by the day on which that began: six in the evening to eight in the morning.
    pub(crate) const fn night(self) -> Option<u32> {
        match self.minute {
            EVENING.. => Some(self.day),
            0..MORNING => Some(self.day.saturating_sub(1)),
            _ => None,
        }
    }

    /// The weekend that it is in, by its Friday: from that evening to Monday morning.
    pub(crate) const fn weekend(self) -> Option<u32> {
        // 1 January 1970 was a Thursday.
        let since_friday = (self.day + 6) % 7;
        match (since_friday, self.minute) {
            (0, EVENING..) | (1 | 2, _) | (3, 0..MORNING) => Some(self.day.saturating_sub(since_friday)),
            _ => None,
        }
    }

    /// The time without people that it is in, by the day on which that began: a weekend, or else a night.
    pub(crate) fn closed(self) -> Option<u32> {
        self.weekend().or(self.night())
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
    fn a_night_is_one_window_over_midnight_and_an_office_day_is_none() {
        assert_eq!(at(FRIDAY, 17).night(), None);
        assert_eq!(at(FRIDAY, 18).night(), Some(FRIDAY));
        assert_eq!(at(FRIDAY + 1, 7).night(), Some(FRIDAY));
        assert_eq!(at(FRIDAY + 1, 8).night(), None);
    }

    #[test]
    fn a_weekend_goes_from_friday_evening_to_monday_morning() {
        let weekends =
            [(FRIDAY, 17), (FRIDAY, 18), (FRIDAY + 1, 12), (FRIDAY + 2, 23), (FRIDAY + 3, 7), (FRIDAY + 3, 8)];
        let found = weekends.map(|(day, hour)| at(day, hour).weekend());
        assert_eq!(found, [None, Some(FRIDAY), Some(FRIDAY), Some(FRIDAY), Some(FRIDAY), None]);
    }

    #[test]
    fn time_goes_on_over_midnight() {
        assert_eq!(at(FRIDAY, 23).after(Duration::from_secs(2 * 3_600)), at(FRIDAY + 1, 1));
    }
}

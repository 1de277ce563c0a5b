//! A day of the calendar, without a clock: who has one says which day it is.

use std::fmt;
use std::str::FromStr;

/// A day, 1970 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Days after 1 January 1970.
    days: u32,
}

/// Not a day as ISO 8601 writes it, or one before 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write the day as 2026-11-28")]
pub struct NoDate;

impl Date {
    /// The last day that can be written with four digits for the year.
    const LAST: u32 = 2_932_896;

    /// Of a count of days since 1 January 1970, as seconds of Unix time divided by 86,400; later than 9999 is its last
    /// day.
    pub const fn from_days(days: u32) -> Self {
        Self { days: if days > Self::LAST { Self::LAST } else { days } }
    }

    /// How many days it is after 1 January 1970.
    pub const fn days(self) -> u32 {
        self.days
    }

    /// How many days after `earlier`; `None` when it is before it.
    pub const fn days_after(self, earlier: Self) -> Option<u32> {
        self.days.checked_sub(earlier.days)
    }

    /// The first day of its month.
    #[must_use]
    pub const fn first_of_month(self) -> Self {
        let (_, _, day) = self.parts();
        Self { days: self.days + 1 - day }
    }

    /// Which month it is in, counted from January 1970.
    pub const fn months(self) -> u32 {
        let (year, month, _) = self.parts();
        (year - 1970) * 12 + month - 1
    }

    /// The day of the week, Monday being 0.
    pub const fn weekday(self) -> u32 {
        // 1 January 1970 was a Thursday.
        (self.days + 3) % 7
    }

    /// Of a year from 1970, a month and a day of the month; `None` when there is no such day.
    pub fn of(year: u32, month: u32, day: u32) -> Option<Self> {
        let lengths = [31, if is_leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let before = lengths.get(..usize::try_from(month).ok()?.checked_sub(1)?)?;
        let fits = (1970..=9999).contains(&year) && (1..=*lengths.get(before.len())?).contains(&day);
        let leap_days = |year: u32| year / 4 - year / 100 + year / 400;
        let years = (year.checked_sub(1970)?) * 365 + leap_days(year - 1) - leap_days(1969);
        fits.then(|| Self { days: years + before.iter().sum::<u32>() + day - 1 })
    }

    /// Its year, month and day of the month.
    pub const fn parts(self) -> (u32, u32, u32) {
        // The year that ends in February, counted from 1 March of the year 0, has its odd day at its end.
        let days = self.days + 719_468;
        let era = days / 146_097;
        let of_era = days % 146_097;
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        (era * 400 + year + next, month, day)
    }
}

const fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// As ISO 8601 writes it: `2026-11-28`.
impl FromStr for Date {
    type Err = NoDate;

    fn from_str(text: &str) -> Result<Self, NoDate> {
        let mut parts = text.splitn(3, '-').zip([4, 2, 2]).map(|(part, digits)| {
            (part.len() == digits && part.bytes().all(|digit| digit.is_ascii_digit())).then(|| part.parse().ok())?
        });
        let mut part = || parts.next().flatten().ok_or(NoDate);
        Self::of(part()?, part()?, part()?).ok_or(NoDate)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(out, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_is_read_as_it_is_written_and_follows_the_day_before() {
        let mut before = None;
        for days in 0..=Date::LAST {
            // All of this century, and a day here and there after it.
            if days > 48_000 && days % 997 != 0 && days != Date::LAST {
                continue;
            }
            let day = Date::from_days(days);
            let text = day.to_string();
            assert_eq!(text.parse(), Ok(day), "{text}");
            assert!(before.as_ref().is_none_or(|before| *before < text), "{text}");
            before = Some(text);
        }
        assert_eq!(before.as_deref(), Some("9999-12-31"));
        assert_eq!("2026-11-28".parse::<Date>().map(|day| day.days()), Ok(20_785));
    }

    #[test]
    fn days_are_counted_from_1970_through_leap_years() {
        for (text, days) in [("1970-01-01", 0), ("2000-02-29", 11_016), ("2026-11-28", 20_785), ("2100-03-01", 47_541)]
        {
            let date: Date = text.parse().unwrap();
            assert_eq!((date.days(), date.to_string()), (days, text.to_owned()));
        }
        assert!((0..200_000).all(|days| Date::from_days(days).days() == days));
        assert_eq!("1971-02-01".parse::<Date>().unwrap().months(), 13);
        let weekday = |text: &str| text.parse::<Date>().unwrap().weekday();
        assert_eq!(["1970-01-01", "2026-11-28", "2026-11-30"].map(weekday), [3, 5, 0]);
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in
            ["", "2026", "2026-1-1", "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "1969-12-31", "28-11-2026"]
        {
            assert_eq!(text.parse::<Date>(), Err(NoDate), "{text}");
        }
        for text in ["2026-11-28 ", "2026-11-28-1", "+026-11-28", "２０２６-11-28", "2026-11-"] {
            assert_eq!(text.parse::<Date>(), Err(NoDate), "{text}");
        }
        assert!("2028-02-29".parse::<Date>().is_ok());
    }
}

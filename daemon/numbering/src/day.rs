//! A day of the calendar, without a clock: who has one says which day it is.

use std::fmt;
use std::str::FromStr;

/// A day, counted from 1 January 1970; 0 to 9999-12-31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(u32);

/// Not a day as ISO 8601 writes it, or one before 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write the day as 2026-11-28")]
pub struct NoDay;

impl Day {
    /// The last day that can be written with four digits for the year.
    const LAST: u32 = 2_932_896;

    /// Of a count of days since 1 January 1970, as seconds of Unix time divided by 86,400; later than 9999 is its last
    /// day.
    pub const fn from_days(days: u32) -> Self {
        if days > Self::LAST { Self(Self::LAST) } else { Self(days) }
    }

    /// How many days after `earlier`; `None` when it is before it.
    pub const fn days_after(self, earlier: Self) -> Option<u32> {
        self.0.checked_sub(earlier.0)
    }

    /// Of a year from 1970, a month and a day of the month.
    fn of(year: u32, month: u32, day: u32) -> Option<Self> {
        let lengths = [31, if is_leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let before = lengths.get(..usize::try_from(month).ok()?.checked_sub(1)?)?;
        let fits = (1970..=9999).contains(&year) && (1..=*lengths.get(before.len())?).contains(&day);
        let leap_days = |year: u32| year / 4 - year / 100 + year / 400;
        let years = (year.checked_sub(1970)?) * 365 + leap_days(year - 1) - leap_days(1969);
        fits.then(|| Self(years + before.iter().sum::<u32>() + day - 1))
    }
}

const fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// As ISO 8601 writes it: `2026-11-28`.
impl FromStr for Day {
    type Err = NoDay;

    fn from_str(text: &str) -> Result<Self, NoDay> {
        let mut parts = text.splitn(3, '-').zip([4, 2, 2]).map(|(part, digits)| {
            (part.len() == digits && part.bytes().all(|digit| digit.is_ascii_digit())).then(|| part.parse().ok())?
        });
        let mut part = || parts.next().flatten().ok_or(NoDay);
        Self::of(part()?, part()?, part()?).ok_or(NoDay)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The year that ends in February, counted from 1 March of the year 0, has its odd day at its end.
        let days = self.0 + 719_468;
        let era = days / 146_097;
        let of_era = days % 146_097;
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        write!(out, "{:04}-{month:02}-{day:02}", era * 400 + year + next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_is_read_as_it_is_written_and_follows_the_day_before() {
        let mut before = None;
        for days in 0..=Day::LAST {
            // All of this century, and a day here and there after it.
            if days > 48_000 && days % 997 != 0 && days != Day::LAST {
                continue;
            }
            let day = Day::from_days(days);
            let text = day.to_string();
            assert_eq!(text.parse(), Ok(day), "{text}");
            assert!(before.as_ref().is_none_or(|before| *before < text), "{text}");
            before = Some(text);
        }
        assert_eq!(before.as_deref(), Some("9999-12-31"));
        assert_eq!("2026-11-28".parse::<Day>().map(|day| day.0), Ok(20_785));
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in
            ["", "2026", "2026-1-1", "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "1969-12-31", "28-11-2026"]
        {
            assert_eq!(text.parse::<Day>(), Err(NoDay), "{text}");
        }
        for text in ["2026-11-28 ", "2026-11-28-1", "+026-11-28", "２０２６-11-28", "2026-11-"] {
            assert_eq!(text.parse::<Day>(), Err(NoDay), "{text}");
        }
        assert!("2028-02-29".parse::<Day>().is_ok());
    }
}

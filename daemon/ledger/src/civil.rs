//! Civil time in the office's zone.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan as _};

/// The office's time zone, with the rules that are built in: the machine's own may be years old.
#[derive(Debug, Clone)]
pub struct Zone(TimeZone);

/// No such time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such time zone")]
pub struct ZoneUnknown;

impl Zone {
    /// By its IANA name, for example `Europe/Brussels`.
    ///
    /// # Errors
    /// When there is no such zone.
    pub fn named(name: &str) -> Result<Self, ZoneUnknown> {
        TimeZoneDatabase::bundled().get(name).map(Self).map_err(|_| ZoneUnknown)
    }

    /// A moment, in milliseconds since 1970 UTC, in ISO 8601 with the offset of the zone at that moment:
    /// `2026-10-25T02:30:00.000+01:00`. Empty beyond the year 9999.
    pub fn written(&self, unix_ms: u64) -> String {
        let moment = i64::try_from(unix_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let written =
            |moment: Timestamp| moment.to_zoned(self.0.clone()).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string();
        moment.map(written).unwrap_or_default()
    }

    /// When a day of the calendar (`2026-10-25`) begins and when it is over, in milliseconds since 1970 UTC. `None` when
    /// there is no such day, or it was before 1970.
    pub fn day(&self, text: &str) -> Option<(u64, u64)> {
        let well_formed = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let date: Date = text.parse().ok().filter(|_| well_formed)?;
        let begins = |date: Date| {
            let begin = date.to_zoned(self.0.clone()).ok()?;
            u64::try_from(begin.timestamp().as_millisecond()).ok()
        };
        Some((begins(date)?, begins(date.checked_add(1.day()).ok()?)?))
    }

    /// The next moment after one, both in milliseconds since 1970 UTC, at which a clock in the office shows a full hour; on a Monday
    /// if so wanted. `None` at the end of time, and for an hour that no clock shows.
    pub fn next_hour(&self, unix_ms: u64, hour: i8, on_monday: bool) -> Option<u64> {
        let after = Timestamp::from_millisecond(i64::try_from(unix_ms).ok()?).ok()?;
        let today = after.to_zoned(self.0.clone()).date();
        let full = jiff::civil::Time::new(hour, 0, 0, 0).ok()?;
        let moment = |days: i64| {
            let date = today.checked_add(days.days()).ok()?;
            let wanted = !on_monday || date.weekday() == Weekday::Monday;
            self.moments(date.to_datetime(full)).first().copied().filter(|_| wanted)
        };
        (0..=8).filter_map(moment).find(|at| *at > unix_ms)
    }

    /// The moments that a clock in the office showed this: one, or two in the hour that comes twice when summer time ends.
    /// In the hour that is left out when it begins, what a clock that was not put forward means.
    pub(crate) fn moments(&self, shown: DateTime) -> Vec<u64> {
        let ambiguous = self.0.to_ambiguous_timestamp(shown);
        let offsets = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { offset } => vec![offset],
            AmbiguousOffset::Gap { before, .. } => vec![before],
            AmbiguousOffset::Fold { before, after } => vec![before, after],
        };
        let moments = offsets.into_iter().filter_map(|offset| offset.to_timestamp(shown).ok());
        moments.filter_map(|moment| u64::try_from(moment.as_millisecond()).ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 25 October 2026, 00:30 UTC: half past two of summer time.
    const BEFORE: u64 = 1_792_888_200_000;
    const HOUR: u64 = 3_600_000;

    fn amsterdam() -> Zone {
        Zone::named("Europe/Amsterdam").unwrap()
    }

    #[test]
    fn a_041_times_have_the_offset_of_their_own_moment_when_the_clock_changes() {
        let zone = amsterdam();
        assert_eq!(zone.written(BEFORE), "2026-10-25T02:30:00.000+02:00");
        assert_eq!(zone.written(BEFORE + HOUR + 7), "2026-10-25T02:30:00.007+01:00");
        assert_eq!(zone.written(1_774_744_200_000), "2026-03-29T01:30:00.000+01:00");
        assert_eq!(zone.written(1_774_744_200_000 + HOUR), "2026-03-29T03:30:00.000+02:00");
        assert_eq!(Zone::named("Europe/Brussels").unwrap().written(BEFORE), "2026-10-25T02:30:00.000+02:00");
        assert_eq!(zone.written(u64::MAX), "");
    }

    #[test]
    fn the_hour_that_comes_twice_is_two_moments_and_the_one_left_out_is_one() {
        let zone = amsterdam();
        assert_eq!(zone.moments("2026-10-25T02:30:00".parse().unwrap()), [BEFORE, BEFORE + HOUR]);
        assert_eq!(zone.moments("2026-03-29T02:30:00".parse().unwrap()), [1_774_747_800_000]);
        assert_eq!(zone.moments("2026-07-01T12:00:00".parse().unwrap()).len(), 1);
    }

    #[test]
    fn a_day_of_the_clock_change_has_twenty_five_hours() {
        let (begins, over) = amsterdam().day("2026-10-25").unwrap();
        assert_eq!(over - begins, 25 * HOUR);
        for text in ["2026-02-30", "2026-1-1", "25-10-2026", "2026-10-25T00:00", "1969-12-31", ""] {
            assert_eq!(amsterdam().day(text), None, "{text}");
        }
        assert_eq!(Zone::named("Europe/Atlantis").unwrap_err(), ZoneUnknown);
    }
}
